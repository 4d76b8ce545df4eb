package io.longstrand.backend.cpu;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend.SelfTest;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.List;

/** Small computations that show that what this backend relies on works here. */
final class CpuSelfTest {
    private static final int SIDE = 33;
    private static final int LARGE_SIDE = 512;
    private static final float TOLERANCE = 1e-5f;

    private final CpuBackend backend;
    private final InstructionSet instructions;

    CpuSelfTest(CpuBackend backend, InstructionSet instructions) {
        this.backend = backend;
        this.instructions = instructions;
    }

    List<SelfTest> run() {
        return List.of(product(), vectors(), oneThread(), bfloat16());
    }

    private SelfTest product() {
        try (Memory host = backend.allocate(Place.HOST, 3L * SIDE * SIDE * Float.BYTES);
                Arena arena = new Arena(backend, Place.DEVICE, 1 << 16)) {
            Tensor left = arena.allocate("self-test", DataType.FLOAT32, SIDE, SIDE);
            Tensor right = arena.allocate("self-test", DataType.FLOAT32, SIDE, SIDE);
            Tensor out = arena.allocate("self-test", DataType.FLOAT32, SIDE, SIDE);
            ByteBuffer a = matrix(host, 0).hostBytes();
            ByteBuffer b = matrix(host, 1).hostBytes();
            for (int i = 0; i < SIDE * SIDE; i++) {
                a.putFloat(i * Float.BYTES, i % 7 - 3f);
                b.putFloat(i * Float.BYTES, i % 5 * 0.5f);
            }
            backend.kernels().copy(matrix(host, 0), left);
            backend.kernels().copy(matrix(host, 1), right);
            backend.kernels().matmul(MatrixProduct.of(left, right, out));
            backend.kernels().copy(out, matrix(host, 2));
            float worst = worstError(a, b, matrix(host, 2).hostBytes());
            return new SelfTest(
                    "matrix product",
                    worst <= TOLERANCE,
                    "oneDNN " + OneDnn.version() + " on " + instructions.text() + ", largest error " + worst);
        }
    }

    private static Tensor matrix(Memory host, int number) {
        return Tensor.contiguous(host, (long) number * SIDE * SIDE * Float.BYTES, DataType.FLOAT32, SIDE, SIDE);
    }

    private static float worstError(ByteBuffer a, ByteBuffer b, ByteBuffer out) {
        float worst = 0;
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                float sum = 0;
                for (int i = 0; i < SIDE; i++) {
                    sum += a.getFloat((row * SIDE + i) * Float.BYTES) * b.getFloat((i * SIDE + column) * Float.BYTES);
                }
                worst = Math.max(worst, Math.abs(sum - out.getFloat((row * SIDE + column) * Float.BYTES)));
            }
        }
        return worst;
    }

    private static SelfTest vectors() {
        float off = 0;
        for (float x = -80; x < 80; x += 0.37f) {
            double right = Math.exp(x);
            off = (float) Math.max(off, Math.abs(Exponential.of(Floats.all(x)).lane(0) / right - 1));
        }
        return new SelfTest(
                "vectors", off < 1e-6f, Floats.WIDTH + " floats wide, exponential within " + off + " of e^x");
    }

    /** OpenMP would start its own threads at the first large product. */
    private SelfTest oneThread() {
        try (Arena arena = new Arena(backend, Place.DEVICE, 4L << 20)) {
            Tensor matrix = arena.allocate("self-test", DataType.FLOAT32, LARGE_SIDE, LARGE_SIDE);
            Tensor out = arena.allocate("self-test", DataType.FLOAT32, LARGE_SIDE, LARGE_SIDE);
            backend.kernels().fill(matrix, 1f);
            int before = threads();
            backend.kernels().matmul(MatrixProduct.of(matrix, matrix, out));
            int started = threads() - before;
            return new SelfTest(
                    "native threads",
                    started <= 0,
                    started <= 0 ? "OpenMP is held to one thread a lane" : "OpenMP started " + started + " threads");
        }
    }

    private static int threads() {
        String[] tasks = new File("/proc/self/task").list();
        return tasks == null ? 0 : tasks.length;
    }

    private SelfTest bfloat16() {
        return new SelfTest(
                "bfloat16", true, backend.caution(DataType.BFLOAT16).orElse("multiplied by instructions made for it"));
    }
}
