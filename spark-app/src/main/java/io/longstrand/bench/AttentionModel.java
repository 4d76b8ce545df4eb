package io.longstrand.bench;

import io.longstrand.attention.Attention;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.FlashAttention;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.MaskWork;
import io.longstrand.attention.Masking;
import io.longstrand.attention.OutputDots;
import io.longstrand.attention.TileSize;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Random;

/** Attention of one layer over one sequence of random rows, forward and backward apart. */
final class AttentionModel implements AutoCloseable {
    private static final String OWNER = "benchmark";
    /** Queries, keys, values, output and the gradients of each. */
    private static final int TENSORS = 8;

    private static final long SCRATCH_BYTES = 64L << 20;
    /** Of which only what is written exists. */
    private static final long MASK_BYTES = 128L << 20;

    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final Attention attention;
    private final AttentionMask mask;
    private final Attention.Tensors tensors;
    private final OutputDots dots;
    private final Tensor delta;
    private final Attention.TensorGradients gradients;

    /** Causal attention. */
    AttentionModel(String backendName, int threads, AttentionShape shape, int length, DataType type) {
        this(backendName, threads, shape, length, type, new MaskRule.Causal());
    }

    AttentionModel(String backendName, int threads, AttentionShape shape, int length, DataType type, Masking masking) {
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
        long columns = (long) shape.heads() * shape.headSize();
        device = new Arena(backend, Place.DEVICE, TENSORS * 4L * length * columns + SCRATCH_BYTES + 64L * length);
        host = new Arena(backend, Place.HOST, 4L * length * columns + 64L * length + MASK_BYTES);
        TileSize tile = TileSize.forLength(length);
        attention = new FlashAttention(backend.kernels(), device, shape, tile, type);
        mask = masking.take(backend, device, host, tile, 1, length);
        mask.put(0, new int[length]);
        mask.send();
        Random random = new Random(1);
        tensors = new Attention.Tensors(
                random(random, type, length, columns),
                random(random, type, length, columns),
                random(random, type, length, columns),
                device.allocate(OWNER, type, length, columns),
                device.allocate(OWNER, DataType.FLOAT32, shape.heads(), length));
        dots = new OutputDots(backend.kernels(), shape);
        delta = device.allocate(OWNER, DataType.FLOAT32, shape.heads(), length);
        gradients = new Attention.TensorGradients(
                random(random, type, length, columns),
                device.allocate(OWNER, type, length, columns),
                device.allocate(OWNER, type, length, columns),
                device.allocate(OWNER, type, length, columns));
        forward();
    }

    private Tensor random(Random random, DataType type, long rows, long columns) {
        Tensor tensor = device.allocate(OWNER, type, rows, columns);
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate(OWNER, DataType.FLOAT32, rows, columns);
        FloatBuffer values = staging.hostBytes().asFloatBuffer();
        while (values.hasRemaining()) {
            values.put((float) random.nextGaussian());
        }
        backend.kernels().copy(staging, tensor);
        backend.synchronize();
        host.release(mark);
        return tensor;
    }

    void forward() {
        attention.forward(tensors, mask);
        backend.synchronize();
    }

    void backward() {
        dots.run(tensors.out(), gradients.out(), delta);
        attention.backward(tensors, delta, gradients, mask);
        backend.synchronize();
    }

    /** What its masks took so far. */
    MaskWork maskWork() {
        return mask.work();
    }

    /** Query–key pairs one head sees. */
    long pairs() {
        return mask.pairs();
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
