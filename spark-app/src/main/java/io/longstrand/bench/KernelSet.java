package io.longstrand.bench;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** The elementwise kernels of one backend over activations of one shape, each with the bytes it has to move. */
final class KernelSet implements AutoCloseable {
    private static final String OWNER = "benchmark";
    private static final float EPSILON = 1e-5f;
    private static final AdamWStep STEP = new AdamWStep(1, 1e-3f, 0.9f, 0.98f, 1e-8f, 0.1f, 1);

    /**
     * One kernel.
     *
     * @param bytes read and written, each operand once
     * @param work one call
     */
    private record Kernel(long bytes, Runnable work) {}

    private final Backend backend;
    private final Arena device;
    private final Map<String, Kernel> kernels = new LinkedHashMap<>();

    KernelSet(String backendName, int threads, long rows, long columns, DataType type) {
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
        device = new Arena(backend, Place.DEVICE, 4 * rows * columns * 8 + (1L << 20));
        Kernels on = backend.kernels();
        Tensor in = filled(type, rows, columns);
        Tensor gradient = filled(type, rows, columns);
        Tensor out = filled(type, rows, columns);
        Tensor gain = filled(type, 1, columns);
        Tensor bias = filled(type, 1, columns);
        Tensor mean = filled(DataType.FLOAT32, 1, rows);
        Tensor scale = filled(DataType.FLOAT32, 1, rows);
        Tensor gainGradient = filled(DataType.FLOAT32, 1, columns);
        Tensor biasGradient = filled(DataType.FLOAT32, 1, columns);
        Tensor parameter = filled(DataType.FLOAT32, 1, rows * columns);
        Tensor parameterGradient = filled(DataType.FLOAT32, 1, rows * columns);
        Tensor first = filled(DataType.FLOAT32, 1, rows * columns);
        Tensor second = filled(DataType.FLOAT32, 1, rows * columns);
        long all = in.bytes();
        put("copy", 2 * all, () -> on.copy(in, out));
        put("fill", all, () -> on.fill(out, 0));
        put("add", 3 * all, () -> on.add(in, gradient, out));
        put("gelu", 2 * all, () -> on.gelu(in, out));
        put("geluBackward", 3 * all, () -> on.geluBackward(in, gradient, out));
        put("addColumnSums", all, () -> on.addColumnSums(in, gainGradient));
        put("sumOfSquares", parameter.bytes(), () -> {
            double squares = on.sumOfSquares(parameter);
            if (Double.isNaN(squares)) {
                throw new IllegalStateException("the sum of squares is no number");
            }
        });
        put("layerNorm", 2 * all, () -> on.layerNorm(in, gain, bias, EPSILON, out, mean, scale));
        put(
                "layerNormBackward",
                4 * all,
                () -> on.layerNormBackward(gradient, in, gain, mean, scale, out, gainGradient, biasGradient));
        put("adamW", 7 * parameter.bytes(), () -> on.adamW(STEP, parameter, parameterGradient, first, second));
    }

    private void put(String name, long bytes, Runnable work) {
        kernels.put(name, new Kernel(bytes, work));
    }

    private Tensor filled(DataType type, long rows, long columns) {
        Tensor tensor = device.allocate(OWNER, type, rows, columns);
        backend.kernels().fill(tensor, 0.5f);
        return tensor;
    }

    /** Bytes one call of a kernel reads and writes. */
    long bytes(String kernel) {
        return kernels.get(kernel).bytes();
    }

    /** Runs one and waits for it. */
    void run(String kernel) {
        kernels.get(kernel).work().run();
        backend.synchronize();
    }

    @Override
    public void close() {
        device.close();
        backend.close();
    }
}
