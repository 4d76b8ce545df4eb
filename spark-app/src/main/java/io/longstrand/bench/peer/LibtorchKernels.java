package io.longstrand.bench.peer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The libtorch operation that does the work of each of our elementwise kernels, writing into existing memory wherever
 * libtorch has a form that does, as ours do.
 */
public final class LibtorchKernels implements AutoCloseable {
    private static final double EPSILON = 1e-5;

    private final List<Tensor> kept = new ArrayList<>();
    private final Map<String, Runnable> kernels = new LinkedHashMap<>();

    /**
     * Takes random operands.
     *
     * @param rows of the activations
     * @param columns of the activations
     * @param bfloat16 whether activations are bfloat16 instead of float32
     */
    public LibtorchKernels(long rows, long columns, boolean bfloat16) {
        torch.ScalarType type = bfloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
        Tensor in = random(type, rows, columns);
        Tensor gradient = random(type, rows, columns);
        Tensor out = random(type, rows, columns);
        Tensor gain = random(type, columns);
        Tensor bias = random(type, columns);
        Tensor flat = random(torch.ScalarType.Float, rows * columns);
        Tensor sums = random(type, columns);
        long[] normed = {columns};
        kernels.put("copy", () -> out.copy_(in));
        kernels.put("fill", out::zero_);
        kernels.put("add", () -> torch.add_out(out, in, gradient));
        kernels.put("gelu", () -> torch.gelu_out(out, in, "tanh"));
        kernels.put("geluBackward", () -> torch.gelu_backward_out(out, gradient, in, "tanh"));
        kernels.put("addColumnSums", () -> torch.sum_out(sums, in, 0));
        kernels.put("sumOfSquares", () -> flat.dot(flat).item_double());
        kernels.put(
                "layerNorm",
                () -> torch.native_layer_norm(in, normed, new TensorOptional(gain), new TensorOptional(bias), EPSILON));
        T_TensorTensorTensor_T forward =
                torch.native_layer_norm(in, normed, new TensorOptional(gain), new TensorOptional(bias), EPSILON);
        Tensor mean = stays(new Tensor(forward.get1())); // the tuple owns what it gives
        Tensor deviation = stays(new Tensor(forward.get2()));
        BoolPointer all = new BoolPointer(3).put(0, true).put(1, true).put(2, true);
        all.retainReference();
        kernels.put("layerNormBackward", () -> {
            T_TensorTensorTensor_T gradients = torch.native_layer_norm_backward(
                    gradient, in, normed, mean, deviation, new TensorOptional(gain), new TensorOptional(bias), all);
            out.add_(gradients.get0());
        });
        kernels.put("adamW", adamW(flat));
    }

    private Runnable adamW(Tensor parameter) {
        LibtorchAdamW optimizer = new LibtorchAdamW(List.of(LibtorchAdamW.Group.of(List.of(parameter), true)));
        parameter.mutable_grad().put(random(torch.ScalarType.Float, parameter.numel()));
        return () -> optimizer.step(1e-3);
    }

    private Tensor random(torch.ScalarType type, long... shape) {
        try (PointerScope scope = new PointerScope()) {
            return stays(torch.randn(shape).to(type));
        }
    }

    private Tensor stays(Tensor tensor) {
        kept.add(tensor.retainReference());
        return tensor;
    }

    /** Whether libtorch has an operation for it. */
    public boolean has(String kernel) {
        return kernels.containsKey(kernel);
    }

    /** Runs one. */
    public void run(String kernel) {
        try (PointerScope scope = new PointerScope()) {
            kernels.get(kernel).run();
        }
    }

    @Override
    public void close() {
        kept.forEach(Tensor::releaseReference);
    }
}
