package io.longstrand.bench;

import io.longstrand.bench.peer.KernelShape;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Every kernel of the contract but matrix products, on one backend over operands of one shape. */
final class KernelSet implements AutoCloseable {
    private static final String OWNER = "benchmark";
    private static final float EPSILON = 1e-5f;
    private static final float SCALE = 0.125f; // one over the root of the head size
    private static final AdamWStep STEP = new AdamWStep(1, 1e-3f, 0.9f, 0.98f, 1e-8f, 0.1f, 1);
    /** Tensors of the shape of the activations taken at most, of 4 bytes an element, and room for the small ones. */
    private static final int TENSORS = 14;

    private static final long SMALL_BYTES = 32L << 20;
    /** Elements between tensors: a page and four cache lines. */
    private static final long SPACE = (4096 + 4 * 64) / 4;

    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final Kernels on;
    private final KernelShape shape;
    private final DataType type;
    private final Random random = new Random(1);
    private final Map<String, Runnable> kernels = new LinkedHashMap<>();

    KernelSet(String backendName, int threads, KernelShape shape, DataType type) {
        this.shape = shape;
        this.type = type;
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
        device = new Arena(backend, Place.DEVICE, 4 * shape.elements() * TENSORS + SMALL_BYTES);
        host = new Arena(backend, Place.HOST, 4 * shape.elements() + SMALL_BYTES);
        on = backend.kernels();
        Tensor in = normal(type, shape.rows(), shape.columns());
        Tensor gradient = normal(type, shape.rows(), shape.columns());
        Tensor out = normal(type, shape.rows(), shape.columns());
        elementwise(in, gradient, out);
        norms(in, gradient, out);
        tokens(in, out);
        flat();
        tiles();
    }

    private void elementwise(Tensor in, Tensor gradient, Tensor out) {
        Tensor other = normal(type, shape.rows(), shape.columns());
        Tensor otherOut = normal(type, shape.rows(), shape.columns());
        kernels.put("copy", () -> on.copy(in, out));
        kernels.put("fill", () -> on.fill(out, 0.5f));
        kernels.put("zero", () -> on.fill(out, 0));
        kernels.put("add", () -> on.add(in, gradient, out));
        kernels.put("gelu", () -> on.gelu(in, out));
        kernels.put("geluBackward", () -> on.geluBackward(in, gradient, out));
        kernels.put("swiglu", () -> on.swiglu(in, other, out));
        kernels.put("swigluBackward", () -> on.swigluBackward(in, other, gradient, out, otherOut));
        Tensor sums = normal(DataType.FLOAT32, 1, shape.columns());
        kernels.put("addColumnSums", () -> on.addColumnSums(in, sums));
        Tensor dots = normal(DataType.FLOAT32, 1, shape.rows());
        kernels.put("rowDots", () -> on.rowDots(in, gradient, dots));
        if (type == DataType.BFLOAT16) {
            Tensor wide = normal(DataType.FLOAT32, shape.rows(), shape.columns());
            kernels.put("toBfloat16", () -> on.copy(wide, out));
            kernels.put("toFloat32", () -> on.copy(in, wide));
        }
    }

    private void norms(Tensor in, Tensor gradient, Tensor out) {
        Tensor gain = normal(type, 1, shape.columns());
        Tensor bias = normal(type, 1, shape.columns());
        Tensor mean = normal(DataType.FLOAT32, 1, shape.rows());
        Tensor scale = normal(DataType.FLOAT32, 1, shape.rows());
        Tensor gains = normal(DataType.FLOAT32, 1, shape.columns());
        Tensor biases = normal(DataType.FLOAT32, 1, shape.columns());
        kernels.put("layerNorm", () -> on.layerNorm(in, gain, bias, EPSILON, out, mean, scale));
        kernels.put(
                "layerNormBackward", () -> on.layerNormBackward(gradient, in, gain, mean, scale, out, gains, biases));
        kernels.put("rmsNorm", () -> on.rmsNorm(in, gain, EPSILON, out, scale));
        kernels.put("rmsNormBackward", () -> on.rmsNormBackward(gradient, in, gain, scale, out, gains));
    }

    private void tokens(Tensor in, Tensor out) {
        int half = KernelShape.HEAD_SIZE / 2;
        Tensor positions = integers(shape.rows(), shape.rows());
        Tensor cosines = normal(DataType.FLOAT32, shape.rows(), half);
        Tensor sines = normal(DataType.FLOAT32, shape.rows(), half);
        on.fill(cosines, 0.6f); // a rotation, so that turning again and again keeps the length
        on.fill(sines, 0.8f);
        Tensor turned = normal(type, shape.rows(), shape.columns());
        kernels.put("rotary", () -> on.rotary(turned, KernelShape.HEAD_SIZE, positions, cosines, sines, false));
        Tensor ids = integers(shape.rows(), KernelShape.VOCABULARY);
        Tensor table = normal(type, KernelShape.VOCABULARY, shape.columns());
        Tensor tableGradient = normal(DataType.FLOAT32, KernelShape.VOCABULARY, shape.columns());
        kernels.put("embedding", () -> on.embedding(ids, table, out, false));
        kernels.put("embeddingBackward", () -> on.embeddingBackward(ids, in, tableGradient));
        Tensor logits = normal(type, shape.rows(), KernelShape.VOCABULARY);
        Tensor logitsGradient = normal(type, shape.rows(), KernelShape.VOCABULARY);
        Tensor weights = normal(DataType.FLOAT32, 1, shape.rows());
        Tensor losses = normal(DataType.FLOAT32, 1, shape.rows());
        kernels.put("crossEntropy", () -> on.crossEntropy(logits, ids, weights, losses, Optional.of(logitsGradient)));
    }

    private void flat() {
        Tensor parameter = normal(DataType.FLOAT32, 1, shape.elements());
        Tensor gradient = normal(DataType.FLOAT32, 1, shape.elements());
        Tensor first = normal(DataType.FLOAT32, 1, shape.elements());
        Tensor second = normal(DataType.FLOAT32, 1, shape.elements());
        on.fill(second, 1); // no square is negative
        kernels.put("sumOfSquares", () -> {
            if (Double.isNaN(on.sumOfSquares(gradient))) {
                throw new IllegalStateException("the sum of squares is no number");
            }
        });
        kernels.put("adamW", () -> on.adamW(STEP, parameter, gradient, first, second));
    }

    private void tiles() {
        int queries = KernelShape.TILE_QUERIES;
        int keys = KernelShape.TILE_KEYS;
        Tensor scores = normal(DataType.FLOAT32, queries, keys);
        Tensor scoresGradient = normal(DataType.FLOAT32, queries, keys);
        Tensor probabilities = normal(type, queries, keys);
        Tensor gradientOut = normal(type, queries, keys);
        Tensor maximum = normal(DataType.FLOAT32, 1, queries);
        Tensor sum = normal(DataType.FLOAT32, 1, queries);
        Tensor delta = normal(DataType.FLOAT32, 1, queries);
        Tensor logSumExp = normal(DataType.FLOAT32, 1, queries);
        Tensor accumulator = normal(DataType.FLOAT32, queries, KernelShape.HEAD_SIZE);
        Tensor out = normal(type, queries, KernelShape.HEAD_SIZE);
        TileMask full = new TileMask.Full();
        on.fill(sum, 1);
        on.fill(logSumExp, 6); // about what 512 scores come to
        kernels.put("softmaxTile", () -> on.softmaxTile(scores, full, SCALE, maximum, sum, accumulator, probabilities));
        kernels.put(
                "softmaxTileBackward",
                () -> on.softmaxTileBackward(
                        scores, scoresGradient, full, SCALE, logSumExp, delta, probabilities, gradientOut));
        kernels.put("softmaxFinish", () -> on.softmaxFinish(accumulator, maximum, sum, out, logSumExp));
    }

    private Tensor normal(DataType elements, long rows, long columns) {
        Tensor tensor = device.allocate(OWNER, elements, rows, columns);
        // Tensors that all begin at the same place of a page would wait for each other, which those of a model do not.
        device.allocate(OWNER, DataType.FLOAT32, 1, SPACE);
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate(OWNER, DataType.FLOAT32, rows, columns);
        FloatBuffer values = staging.hostBytes().asFloatBuffer();
        while (values.hasRemaining()) {
            values.put((float) random.nextGaussian());
        }
        send(staging, tensor, mark);
        return tensor;
    }

    private Tensor integers(int count, int below) {
        Tensor tensor = device.allocate(OWNER, DataType.INT32, 1, count);
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate(OWNER, DataType.INT32, 1, count);
        IntBuffer values = staging.hostBytes().asIntBuffer();
        while (values.hasRemaining()) {
            values.put(random.nextInt(below));
        }
        send(staging, tensor, mark);
        return tensor;
    }

    private void send(Tensor staging, Tensor tensor, Arena.Mark mark) {
        on.copy(staging, tensor);
        backend.synchronize();
        host.release(mark);
    }

    /** Runs one and waits for it. */
    void run(String kernel) {
        kernels.get(kernel).run();
        backend.synchronize();
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
