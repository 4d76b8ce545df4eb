package io.longstrand.backend.torch;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend.SelfTest;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.List;

/** Small computations that show that what this backend relies on works here. */
final class TorchSelfTest {
    private static final String OWNER = "self-test";
    private static final int SIDE = 32;

    private final TorchBackend backend;

    TorchSelfTest(TorchBackend backend) {
        this.backend = backend;
    }

    List<SelfTest> run() {
        return List.of(product(), attention());
    }

    /** A product of small whole numbers, which every type yields exactly. */
    private SelfTest product() {
        try (Arena arena = new Arena(backend, Place.DEVICE, 1 << 16)) {
            Tensor left = arena.allocate(OWNER, DataType.FLOAT32, SIDE, SIDE);
            Tensor right = arena.allocate(OWNER, DataType.FLOAT32, SIDE, SIDE);
            Tensor out = arena.allocate(OWNER, DataType.FLOAT32, SIDE, SIDE);
            backend.kernels().fill(left, 2);
            backend.kernels().fill(right, 3);
            backend.kernels().matmul(MatrixProduct.of(left, right, out));
            return expect("matrix product", out, 6f * SIDE);
        }
    }

    /** Equal keys and values: whatever the weights are, each query gets the value. */
    private SelfTest attention() {
        FusedAttention attention = backend.kernels().fusedAttention().orElseThrow();
        DataType type = attention.supports(DataType.FLOAT32, SIDE) ? DataType.FLOAT32 : DataType.BFLOAT16;
        try (Arena arena = new Arena(backend, Place.DEVICE, 1 << 16)) {
            Tensor query = arena.allocate(OWNER, type, SIDE, SIDE);
            Tensor value = arena.allocate(OWNER, type, SIDE, SIDE);
            Tensor out = arena.allocate(OWNER, type, SIDE, SIDE);
            Tensor logSumExp = arena.allocate(OWNER, DataType.FLOAT32, 1, SIDE);
            backend.kernels().fill(query, 0);
            backend.kernels().fill(value, 1);
            attention.forward(new FusedAttention.Sequence(query, query, value, out, logSumExp, SIDE, 1));
            return expect("flash attention", out, 1);
        }
    }

    private SelfTest expect(String name, Tensor out, float right) {
        try (Memory memory = backend.allocate(Place.HOST, out.elements() * Float.BYTES)) {
            Tensor read = Tensor.contiguous(memory, 0, DataType.FLOAT32, out.rows(), out.columns());
            backend.kernels().copy(out, read);
            backend.synchronize();
            float result = read.hostBytes().getFloat((int) read.bytes() - Float.BYTES);
            return new SelfTest(
                    name, Math.abs(result - right) <= 1e-6 * right, result + " where " + right + " is right");
        }
    }
}
