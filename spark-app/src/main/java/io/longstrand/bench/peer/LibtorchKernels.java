package io.longstrand.bench.peer;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The libtorch operations that do the work of each of our kernels, the fewest there are, writing into existing memory
 * wherever libtorch has a form that does.
 *
 * <ul>
 *   <li>One operation: copies and conversions, fill, add, GELU and its backward, embedding, layer norm (which allocates
 *       its result: it has no other form), RMS norm (composed by libtorch itself), AdamW (fused).
 *   <li>Gradients that ours add to something are added to it here too: norms, embedding, column sums.
 *   <li>SwiGLU is {@code silu(gate) · up}, its backward {@code silu_backward(outGradient · up, gate)} and {@code
 *       outGradient · silu(gate)}; row dots are {@code (left · right).sum(-1)}; rotary is the half-split form with
 *       {@code cat}; RMS norm's backward and cross-entropy with its gradient go through autograd, the only way to them.
 *   <li>Sum of squares is {@code dot} with itself, the fastest that libtorch has (in float32 where ours adds in float64).
 *   <li>The softmax of a tile is {@code softmax}, which has to divide where ours has to scale, to keep maximum and sum
 *       and to rescale the accumulator; its backward is the formula, in place: {@code exp(scale · s − lse)}, {@code (dP −
 *       delta) · P · scale}; its end is a division and a logarithm.
 * </ul>
 */
public final class LibtorchKernels implements AutoCloseable {
    private static final double EPSILON = 1e-5;
    private static final double SCALE = 0.125;
    private static final double LEARNING_RATE = 1e-3;

    private final KernelShape shape;
    private final torch.ScalarType type;
    private final List<Tensor> kept = new ArrayList<>();
    private final List<TensorOptional> optionals = new ArrayList<>();
    private final Map<String, Runnable> kernels = new LinkedHashMap<>();
    private final LibtorchAdamW optimizer;

    /**
     * Takes random operands.
     *
     * @param bfloat16 whether activations are bfloat16 instead of float32
     */
    public LibtorchKernels(KernelShape shape, boolean bfloat16) {
        this.shape = shape;
        type = bfloat16 ? torch.ScalarType.BFloat16 : torch.ScalarType.Float;
        Tensor in = activations();
        Tensor gradient = activations();
        Tensor out = activations();
        elementwise(in, gradient, out);
        swiglu(in, gradient, out);
        sums(in, gradient);
        layerNorm(in, gradient, out);
        rmsNorm(in, gradient, out);
        rotary();
        tokens(in, out);
        tiles();
        Tensor parameter = random(torch.ScalarType.Float, shape.elements());
        parameter.mutable_grad().put(random(torch.ScalarType.Float, shape.elements()));
        optimizer = new LibtorchAdamW(List.of(LibtorchAdamW.Group.of(List.of(parameter), true)));
        kernels.put("adamW", () -> optimizer.step(LEARNING_RATE));
        if (bfloat16) {
            Tensor wide = random(torch.ScalarType.Float, shape.rows(), shape.columns());
            kernels.put("toBfloat16", () -> out.copy_(wide));
            kernels.put("toFloat32", () -> wide.copy_(in));
        }
    }

    private void elementwise(Tensor in, Tensor gradient, Tensor out) {
        kernels.put("copy", () -> out.copy_(in));
        kernels.put("fill", () -> out.fill_(new Scalar(0.5)));
        kernels.put("zero", out::zero_);
        kernels.put("add", () -> torch.add_out(out, in, gradient));
        kernels.put("gelu", () -> torch.gelu_out(out, in, "tanh"));
        kernels.put("geluBackward", () -> torch.gelu_backward_out(out, gradient, in, "tanh"));
    }

    private void swiglu(Tensor gate, Tensor gradient, Tensor out) {
        Tensor up = activations();
        Tensor product = activations();
        Tensor upGradient = activations();
        kernels.put("swiglu", () -> torch.silu_out(out, gate).mul_(up));
        kernels.put("swigluBackward", () -> {
            torch.mul_out(product, gradient, up);
            torch.silu_backward_out(out, product, gate);
            torch.silu_out(upGradient, gate).mul_(gradient);
        });
    }

    private void sums(Tensor in, Tensor gradient) {
        Tensor columnSums = random(type, shape.columns());
        Tensor columnTotals = random(type, shape.columns());
        Tensor product = activations();
        Tensor dots = random(type, shape.rows());
        Tensor flat = random(torch.ScalarType.Float, shape.elements());
        kernels.put("addColumnSums", () -> columnTotals.add_(torch.sum_out(columnSums, in, 0)));
        kernels.put("rowDots", () -> torch.sum_out(dots, torch.mul_out(product, in, gradient), -1));
        kernels.put("sumOfSquares", () -> flat.dot(flat).item_double());
    }

    private void layerNorm(Tensor in, Tensor gradient, Tensor out) {
        TensorOptional gain = optional(random(type, shape.columns()));
        TensorOptional bias = optional(random(type, shape.columns()));
        Tensor gains = random(type, shape.columns());
        Tensor biases = random(type, shape.columns());
        long[] normed = {shape.columns()};
        kernels.put("layerNorm", () -> torch.native_layer_norm(in, normed, gain, bias, EPSILON));
        T_TensorTensorTensor_T forward = torch.native_layer_norm(in, normed, gain, bias, EPSILON);
        Tensor mean = stays(new Tensor(forward.get1())); // the tuple owns what it gives
        Tensor deviation = stays(new Tensor(forward.get2()));
        BoolPointer all = new BoolPointer(3).put(0, true).put(1, true).put(2, true);
        all.retainReference();
        kernels.put("layerNormBackward", () -> {
            T_TensorTensorTensor_T gradients =
                    torch.native_layer_norm_backward(gradient, in, normed, mean, deviation, gain, bias, all);
            out.add_(gradients.get0());
            gains.add_(gradients.get1());
            biases.add_(gradients.get2());
        });
    }

    private void rmsNorm(Tensor in, Tensor gradient, Tensor out) {
        Tensor gain = random(type, shape.columns());
        Tensor gains = random(type, shape.columns());
        TensorOptional fixedGain = optional(gain);
        long[] normed = {shape.columns()};
        kernels.put("rmsNorm", () -> torch.rms_norm(in, normed, fixedGain, new DoubleOptional(EPSILON)));
        Tensor rows = stays(in.clone().requires_grad_(true));
        Tensor variable = stays(gain.clone().requires_grad_(true));
        Tensor normedRows =
                stays(torch.rms_norm(rows, normed, new TensorOptional(variable), new DoubleOptional(EPSILON)));
        kernels.put("rmsNormBackward", () -> {
            TensorVector gradients = torch.grad(
                    new TensorVector(normedRows),
                    new TensorVector(rows, variable),
                    new TensorVector(gradient),
                    new BoolOptional(true), // the graph is used again
                    false,
                    false);
            out.add_(gradients.get(0));
            gains.add_(gradients.get(1));
        });
    }

    private void rotary() {
        long heads = shape.columns() / KernelShape.HEAD_SIZE;
        long half = KernelShape.HEAD_SIZE / 2;
        Tensor in = random(type, shape.rows(), heads, KernelShape.HEAD_SIZE);
        Tensor cosines = random(type, shape.rows(), 1, KernelShape.HEAD_SIZE);
        Tensor sines = random(type, shape.rows(), 1, KernelShape.HEAD_SIZE);
        kernels.put("rotary", () -> {
            Tensor turned = torch.cat(new TensorVector(in.narrow(2, half, half).neg(), in.narrow(2, 0, half)), -1);
            in.mul(cosines).add_(turned.mul_(sines));
        });
    }

    private void tokens(Tensor in, Tensor out) {
        Tensor ids = stays(
                torch.randint(KernelShape.VOCABULARY, new long[] {shape.rows()}).to(torch.ScalarType.Long));
        Tensor table = random(type, KernelShape.VOCABULARY, shape.columns());
        Tensor tableGradient = random(type, KernelShape.VOCABULARY, shape.columns());
        kernels.put("embedding", () -> torch.index_select_out(out, table, 0, ids));
        kernels.put(
                "embeddingBackward",
                () -> tableGradient.add_(torch.embedding_dense_backward(in, ids, KernelShape.VOCABULARY, -1, false)));
        Tensor logits = stays(random(type, shape.rows(), KernelShape.VOCABULARY).requires_grad_(true));
        Tensor weights = random(type, shape.rows());
        kernels.put("crossEntropy", () -> {
            Tensor losses = torch.cross_entropy_loss(logits, ids, new TensorOptional(), 0, -1, 0);
            torch.grad(
                    new TensorVector(losses),
                    new TensorVector(logits),
                    new TensorVector(weights),
                    new BoolOptional(),
                    false,
                    false);
        });
    }

    private void tiles() {
        long queries = KernelShape.TILE_QUERIES;
        long keys = KernelShape.TILE_KEYS;
        torch.ScalarType wide = torch.ScalarType.Float;
        Tensor scores = random(wide, queries, keys);
        Tensor scoresGradient = random(wide, queries, keys);
        Tensor probabilities = random(wide, queries, keys);
        Tensor gradientOut = random(wide, queries, keys);
        Tensor narrowProbabilities = random(type, queries, keys);
        Tensor narrowGradient = random(type, queries, keys);
        Tensor column = random(wide, queries, 1);
        Tensor sum = stays(torch.ones(queries, 1));
        Tensor accumulator = random(wide, queries, KernelShape.HEAD_SIZE);
        Tensor out = random(type, queries, KernelShape.HEAD_SIZE);
        Tensor quotient = random(wide, queries, KernelShape.HEAD_SIZE);
        Tensor logSumExp = random(wide, queries, 1);
        boolean narrows = type != wide;
        kernels.put("softmaxTile", () -> {
            torch.softmax_out(probabilities, scores, -1);
            if (narrows) {
                narrowProbabilities.copy_(probabilities);
            }
        });
        kernels.put("softmaxTileBackward", () -> {
            Scalar scale = new Scalar(SCALE);
            torch.mul_out(probabilities, scores, scale).sub_(column).exp_();
            torch.sub_out(gradientOut, scoresGradient, column)
                    .mul_(probabilities)
                    .mul_(scale);
            if (narrows) {
                narrowProbabilities.copy_(probabilities);
                narrowGradient.copy_(gradientOut);
            }
        });
        kernels.put("softmaxFinish", () -> {
            torch.div_out(narrows ? quotient : out, accumulator, sum);
            if (narrows) {
                out.copy_(quotient);
            }
            torch.log_out(logSumExp, sum).add_(column);
        });
    }

    private TensorOptional optional(Tensor tensor) {
        TensorOptional optional = new TensorOptional(tensor);
        optionals.add(optional.retainReference());
        return optional;
    }

    private Tensor activations() {
        return random(type, shape.rows(), shape.columns());
    }

    private Tensor random(torch.ScalarType elements, long... sizes) {
        try (PointerScope scope = new PointerScope()) {
            return stays(torch.randn(sizes).to(elements));
        }
    }

    private Tensor stays(Tensor tensor) {
        kept.add(tensor.retainReference());
        return tensor;
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
        optionals.forEach(TensorOptional::releaseReference);
        optimizer.close();
    }
}
