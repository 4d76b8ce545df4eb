package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Random;

/**
 * Attention on one backend over random queries, keys, values and output gradients that lie side by side in one
 * fused tensor, as the model has them.
 */
final class AttentionBench implements AutoCloseable {
    private static final long BUDGET = 64L << 20;

    private final AttentionShape shape;
    private final int tokens;
    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final Attention attention;
    private final AttentionMask mask;
    private final Tensor fused; // (tokens, (heads + 2 keyValueHeads) · headSize)
    private final Tensor fusedGradient;
    private final Tensor out; // (tokens, heads · headSize)
    private final Tensor outGradient;
    private final Tensor logSumExp; // (heads, tokens)

    /** Flash attention. @param documentStarts [sequences][at most length]; a shorter one is padded */
    AttentionBench(
            String backendName,
            int threads,
            AttentionShape shape,
            TileSize tile,
            Masking masking,
            int length,
            int[]... documentStarts) {
        this(AttentionForm.FLASH, backendName, threads, shape, tile, masking, length, documentStarts);
    }

    /** @param tile of the mask, and of flash attention */
    AttentionBench(
            AttentionForm form,
            String backendName,
            int threads,
            AttentionShape shape,
            TileSize tile,
            Masking masking,
            int length,
            int[]... documentStarts) {
        this.shape = shape;
        this.tokens = documentStarts.length * length;
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
        device = new Arena(backend, Place.DEVICE, BUDGET);
        host = new Arena(backend, Place.HOST, BUDGET);
        mask = masking.take(backend, device, host, tile, documentStarts.length, length);
        attention = form.over(backend.kernels(), device, shape, mask, DataType.FLOAT32)
                .ofLayer(0);
        for (int sequence = 0; sequence < documentStarts.length; sequence++) {
            mask.put(sequence, documentStarts[sequence]);
        }
        mask.send();
        int columns = (shape.heads() + 2 * shape.keyValueHeads()) * shape.headSize();
        fused = random(1, columns);
        fusedGradient = device.allocate("test", DataType.FLOAT32, tokens, columns);
        out = device.allocate("test", DataType.FLOAT32, tokens, (long) shape.heads() * shape.headSize());
        outGradient = random(2, shape.heads() * shape.headSize());
        logSumExp = device.allocate("test", DataType.FLOAT32, shape.heads(), tokens);
        backend.kernels().fill(fusedGradient, Float.NaN);
        backend.kernels().fill(out, Float.NaN);
        backend.kernels().fill(logSumExp, Float.NaN);
    }

    AttentionMask mask() {
        return mask;
    }

    /** Forward and backward. */
    void run() {
        attention.forward(tensors(), mask);
        Tensor delta = device.allocate("test", DataType.FLOAT32, shape.heads(), tokens);
        new OutputDots(backend.kernels(), shape).run(out, outGradient, delta);
        attention.backward(
                tensors(),
                delta,
                new Attention.TensorGradients(
                        outGradient, query(fusedGradient), key(fusedGradient), value(fusedGradient)),
                mask);
    }

    double[][] query() {
        return read(query(fused));
    }

    double[][] key() {
        return read(key(fused));
    }

    double[][] value() {
        return read(value(fused));
    }

    double[][] out() {
        return read(out);
    }

    double[][] outGradient() {
        return read(outGradient);
    }

    double[][] logSumExp() {
        return read(logSumExp);
    }

    double[][] queryGradient() {
        return read(query(fusedGradient));
    }

    double[][] keyGradient() {
        return read(key(fusedGradient));
    }

    double[][] valueGradient() {
        return read(value(fusedGradient));
    }

    private Attention.Tensors tensors() {
        return new Attention.Tensors(query(fused), key(fused), value(fused), out, logSumExp);
    }

    private Tensor query(Tensor all) {
        return all.columns(0, (long) shape.heads() * shape.headSize());
    }

    private Tensor key(Tensor all) {
        long start = (long) shape.heads() * shape.headSize();
        return all.columns(start, start + (long) shape.keyValueHeads() * shape.headSize());
    }

    private Tensor value(Tensor all) {
        long width = (long) shape.keyValueHeads() * shape.headSize();
        return all.columns(all.columns() - width, all.columns());
    }

    private Tensor random(int seed, int columns) {
        Arena.Mark mark = host.mark();
        Tensor values = host.allocate("test", DataType.FLOAT32, tokens, columns);
        FloatBuffer buffer = values.hostBytes().asFloatBuffer();
        Random random = new Random(seed);
        while (buffer.hasRemaining()) {
            buffer.put((float) random.nextGaussian());
        }
        Tensor tensor = device.allocate("test", DataType.FLOAT32, tokens, columns);
        backend.kernels().copy(values, tensor);
        backend.synchronize();
        host.release(mark);
        return tensor;
    }

    private double[][] read(Tensor tensor) {
        Arena.Mark mark = host.mark();
        Tensor received = host.allocate("test", DataType.FLOAT32, tensor.rows(), tensor.columns());
        backend.kernels().copy(tensor, received);
        backend.synchronize();
        FloatBuffer buffer = received.hostBytes().asFloatBuffer();
        double[][] values = new double[(int) tensor.rows()][(int) tensor.columns()];
        for (double[] row : values) {
            for (int column = 0; column < row.length; column++) {
                row[column] = buffer.get();
            }
        }
        host.release(mark);
        return values;
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
