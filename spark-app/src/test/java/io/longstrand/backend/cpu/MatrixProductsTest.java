package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.tensor.Activation;
import io.longstrand.tensor.Backend.SelfTest;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductsTest {
    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "3, 5, 7",
        "1, 512, 96",
        "128, 32, 128",
        "257, 130, 513",
        "700, 64, 1100",
        "520, 700, 24",
        "80, 1500, 450",
        "520, 1100, 70",
    })
    void equals_the_sum_of_products_for_every_layout(int m, int k, int n) {
        try (CpuDevice device = new CpuDevice(2)) {
            for (int layout = 0; layout < 8; layout++) {
                boolean transposeLeft = (layout & 1) != 0;
                boolean transposeRight = (layout & 2) != 0;
                boolean accumulate = (layout & 4) != 0;
                // Views of wider matrices, as heads are: row strides beyond the columns.
                Tensor left = transposeLeft
                        ? device.random(k, m + 9L, 1).columns(3, 3L + m)
                        : device.random(m, k + 5L, 1).columns(2, 2L + k);
                Tensor right = transposeRight
                        ? device.random(n, k + 8L, 2).columns(8, 8L + k)
                        : device.random(k, 3L * n, 2).columns(n, 2L * n);
                Tensor out = device.random(m, n + 4L, 3).columns(1, 1L + n);
                float[] before = device.read(out);
                float[] expected = product(device, left, transposeLeft, right, transposeRight, m, k, n);
                device.kernels()
                        .matmul(new MatrixProduct(
                                left,
                                transposeLeft,
                                right,
                                transposeRight,
                                false,
                                out,
                                accumulate,
                                Optional.empty(),
                                Activation.NONE));
                float[] actual = device.read(out);
                for (int i = 0; i < actual.length; i++) {
                    assertThat(actual[i]).isCloseTo(expected[i] + (accumulate ? before[i] : 0f), within(2e-4f));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"600, 33, 700", "80, 1100, 450"})
    void adds_the_bias_to_every_row_and_applies_gelu_last(int m, int k, int n) {
        try (CpuDevice device = new CpuDevice(2)) {
            Tensor left = device.random(m, k, 1);
            Tensor right = device.random(k, n, 2);
            Tensor bias = device.random(1, n, 3);
            Tensor plain = device.floats(m, n);
            Tensor active = device.floats(m, n);
            device.kernels().matmul(MatrixProduct.of(left, right, plain).plus(bias));
            device.kernels()
                    .matmul(MatrixProduct.of(left, right, active).plus(bias).then(Activation.GELU));
            float[] expected = product(device, left, false, right, false, m, k, n);
            float[] biases = device.read(bias);
            float[] sums = device.read(plain);
            float[] activated = device.read(active);
            for (int i = 0; i < sums.length; i++) {
                double x = expected[i] + biases[i % n];
                assertThat((double) sums[i]).isCloseTo(x, within(1e-4));
                double gelu = x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
                assertThat((double) activated[i]).isCloseTo(gelu, within(3e-5 + 1e-5 * Math.abs(gelu)));
            }
        }
    }

    @Test
    void refuses_host_tensors() {
        try (CpuDevice device = new CpuDevice(1);
                Memory host = device.backend().allocate(Place.HOST, 16)) {
            Tensor right = Tensor.contiguous(host, 0, DataType.FLOAT32, 2, 2);
            MatrixProduct product = MatrixProduct.of(device.floats(2, 2), right, device.floats(2, 2));
            assertThatThrownBy(() -> device.kernels().matmul(product))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("right");
        }
    }

    @Test
    void the_self_test_passes_and_openmp_starts_no_threads() {
        try (CpuDevice device = new CpuDevice(2)) {
            assertThat(device.backend().selfTest()).allMatch(SelfTest::passed);
        }
    }

    private static float[] product(
            CpuDevice device,
            Tensor left,
            boolean transposeLeft,
            Tensor right,
            boolean transposeRight,
            int m,
            int k,
            int n) {
        float[] a = device.read(left);
        float[] b = device.read(right);
        float[] out = new float[m * n];
        for (int row = 0; row < m; row++) {
            for (int column = 0; column < n; column++) {
                double sum = 0;
                for (int i = 0; i < k; i++) {
                    double x = a[transposeLeft ? i * m + row : row * k + i];
                    double y = b[transposeRight ? column * k + i : i * n + column];
                    sum += x * y;
                }
                out[row * n + column] = (float) sum;
            }
        }
        return out;
    }
}
