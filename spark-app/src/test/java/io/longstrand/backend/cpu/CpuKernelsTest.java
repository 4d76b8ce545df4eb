package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CpuKernelsTest {
    @Test
    void results_do_not_depend_on_the_number_of_lanes() {
        List<float[]> one = everything(1);
        for (int lanes = 2; lanes <= 3; lanes++) {
            List<float[]> more = everything(lanes);
            assertThat(more).hasSameSizeAs(one);
            for (int i = 0; i < one.size(); i++) {
                assertThat(more.get(i)).as("result %s on %s lanes", i, lanes).isEqualTo(one.get(i));
            }
        }
    }

    /** Results of kernels over shapes that are cut into several parts and do not fill whole vectors. */
    private static List<float[]> everything(int lanes) {
        List<float[]> results = new ArrayList<>();
        int rows = 777;
        int n = 203;
        try (CpuDevice device = new CpuDevice(lanes)) {
            Kernels kernels = device.kernels();
            Tensor x = device.random(rows, n, 1);
            Tensor y = device.random(rows, n, 2);
            Tensor gain = device.random(1, n, 3);
            Tensor bias = device.random(1, n, 4);
            Tensor out = device.floats(rows, n);
            Tensor mean = device.floats(1, rows);
            Tensor inverse = device.floats(1, rows);
            kernels.layerNorm(x, gain, bias, 1e-5f, out, mean, inverse);
            results.add(device.read(out));
            Tensor inGradient = device.random(rows, n, 5);
            Tensor gainGradient = device.random(1, n, 6);
            Tensor biasGradient = device.random(1, n, 7);
            kernels.layerNormBackward(y, x, gain, mean, inverse, inGradient, gainGradient, biasGradient);
            results.add(device.read(inGradient));
            results.add(device.read(gainGradient));
            results.add(device.read(biasGradient));
            kernels.rmsNorm(x, gain, 1e-5f, out, inverse);
            kernels.rmsNormBackward(y, x, gain, inverse, inGradient, gainGradient);
            results.add(device.read(gainGradient));
            kernels.addColumnSums(x, biasGradient);
            results.add(device.read(biasGradient));
            results.add(new float[] {(float) kernels.sumOfSquares(x)});
            Random random = new Random(8);
            Tensor indices = device.ints(random.ints(rows, 0, 11).toArray());
            Tensor table = device.random(11, n, 9);
            kernels.embeddingBackward(indices, y, table);
            results.add(device.read(table));
            Tensor product = device.floats(n, n);
            kernels.matmul(MatrixProduct.withLeftTransposed(x, y, product));
            results.add(device.read(product));
            Tensor wide = device.floats(rows, rows);
            kernels.matmul(MatrixProduct.withRightTransposed(x, y, wide));
            results.add(device.read(wide));
            Tensor maximum = device.floats(1, rows);
            kernels.fill(maximum, Float.NEGATIVE_INFINITY);
            Tensor sum = device.floats(1, rows);
            kernels.softmaxTile(wide, new TileMask.Full(), 0.3f, maximum, sum, out, wide);
            results.add(device.read(wide));
            results.add(device.read(sum));
            Tensor losses = device.floats(1, rows);
            kernels.crossEntropy(x, indices, mean, losses, Optional.of(x));
            results.add(device.read(x));
            results.add(device.read(losses));
            kernels.adamW(
                    new AdamWStep(3, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 0.5f),
                    y,
                    device.random(rows, n, 10),
                    device.random(rows, n, 11),
                    out);
            results.add(device.read(y));
        }
        return results;
    }

    @Test
    void memory_beyond_two_gibibytes_is_reached_and_unaligned_views_touch_nothing_else() {
        try (CpuDevice device = new CpuDevice(2);
                Memory large = device.backend().allocate(Place.DEVICE, 5L << 29)) {
            for (long offset : new long[] {(1L << 30) - 4, (1L << 31) - 4, (1L << 31) + 100}) {
                Tensor view = Tensor.contiguous(large, offset, DataType.FLOAT32, 3, 13);
                Tensor around = Tensor.contiguous(large, offset - 64, DataType.FLOAT32, 1, 3 * 13 + 32);
                device.kernels().fill(view, 2f);
                device.kernels().add(view, view, view);
                float[] values = device.read(around);
                for (int i = 0; i < values.length; i++) {
                    assertThat(values[i]).isEqualTo(i >= 16 && i < 16 + 39 ? 4f : 0f);
                }
                device.kernels().fill(view, 0f);
            }
        }
    }

    @Test
    void memory_starts_zeroed_and_aligned_and_is_counted() {
        try (CpuDevice device = new CpuDevice(1)) {
            Memory first = device.backend().allocate(Place.HOST, 1000);
            Memory second = device.backend().allocate(Place.HOST, 500);
            assertThat(first.address() % 64).isZero();
            assertThat(second.bytes(0, 500).getLong(480)).isZero();
            second.close();
            second.close();
            device.backend().allocate(Place.HOST, 100).close();
            assertThat(device.backend().peakBytes(Place.HOST)).isEqualTo(1500);
            assertThat(device.backend().peakBytes(Place.DEVICE)).isZero();
            first.close();
        }
    }

    @Test
    void device_memory_cannot_be_read_as_bytes() {
        try (CpuDevice device = new CpuDevice(1)) {
            Tensor tensor = device.floats(2, 2);
            assertThatThrownBy(tensor::hostBytes).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void bfloat16_rounds_to_nearest_even_and_comes_back_exactly() {
        try (CpuDevice device = new CpuDevice(1)) {
            float tieToEven = Float.intBitsToFloat(0x3F80_8000);
            float tieUp = Float.intBitsToFloat(0x3F81_8000);
            float above = Float.intBitsToFloat(0x3F80_8001);
            Tensor in = device.of(1, 5, tieToEven, tieUp, above, -2.5f, Float.NaN);
            Tensor half = device.tensor(DataType.BFLOAT16, 1, 5);
            Tensor back = device.floats(1, 5);
            device.kernels().copy(in, half);
            device.kernels().copy(half, back);
            assertThat(device.read(back))
                    .containsExactly(
                            1f, Float.intBitsToFloat(0x3F82_0000), Float.intBitsToFloat(0x3F81_0000), -2.5f, Float.NaN);
        }
    }

    @Test
    void an_index_outside_the_table_is_named() {
        try (CpuDevice device = new CpuDevice(2)) {
            Tensor table = device.floats(4, 8);
            assertThatThrownBy(() -> device.kernels().embedding(device.ints(0, 4), table, device.floats(2, 8), false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("index 4 at token 1");
        }
    }

    @Test
    void scratch_is_counted() {
        try (CpuDevice device = new CpuDevice(1)) {
            Tensor x = device.random(100, 16, 1);
            Tensor row = device.floats(1, 16);
            Tensor statistics = device.floats(1, 100);
            device.kernels().layerNormBackward(x, x, row, statistics, statistics, x, row, row);
            assertThat(device.backend().scratchBytes()).isPositive();
        }
    }
}
