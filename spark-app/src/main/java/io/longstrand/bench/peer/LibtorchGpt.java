package io.longstrand.bench.peer;

import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The same GPT (pre-norm, layer norm, rotary, tanh-GELU) the way a PyTorch user writes it: {@code nn.Linear}, {@code
 * scaled_dot_product_attention(is_causal=True)}, {@code cross_entropy}, {@code backward()}, {@code clip_grad_norm_} and
 * fused AdamW. Autograd keeps what it needs; nothing is computed again.
 */
public final class LibtorchGpt implements AutoCloseable {
    private static final double EPSILON = 1e-5;
    private static final double LARGEST_NORM = 1;

    private final ModelShape shape;
    private final ParameterLayout layout;
    private final List<Tensor> kept = new ArrayList<>();
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final Tensor cosines; // (positions, headSize)
    private final Tensor sines; // (positions, headSize)
    private final LibtorchAdamW optimizer;

    /**
     * Builds the model.
     *
     * @param shape with layer norm, GELU, rotary positions and as many key heads as query heads
     * @param values of each parameter, row by row in the shape that the layout gives it
     */
    public LibtorchGpt(ModelShape shape, Function<Parameter, float[]> values) {
        if (shape.norm() != ModelShape.Norm.LAYER
                || shape.activation() != ModelShape.MlpActivation.GELU
                || shape.position() != ModelShape.PositionKind.ROTARY
                || shape.keyValueHeads() != shape.heads()) {
            throw new IllegalArgumentException("the peer has another shape than " + shape);
        }
        this.shape = shape;
        layout = new ParameterLayout(shape);
        try (PointerScope construction = new PointerScope()) {
            for (Parameter parameter : layout.parameters()) {
                Tensor tensor = torch.tensor(values.apply(parameter));
                if (isLinear(parameter)) {
                    // nn.Linear keeps (out, in).
                    tensor = tensor.view(parameter.rows(), parameter.columns())
                            .t()
                            .contiguous();
                } else if (parameter.rows() > 1) {
                    tensor = tensor.view(parameter.rows(), parameter.columns());
                }
                parameters.put(parameter.name(), stays(tensor.clone().requires_grad_(true)));
            }
            Tensor angles = angles();
            cosines = stays(angles.cos());
            sines = stays(angles.sin());
        }
        optimizer = new LibtorchAdamW(List.of(group(true), group(false)));
    }

    /** Matrices decay; norms and biases do not. */
    private LibtorchAdamW.Group group(boolean decays) {
        List<Tensor> members = layout.parameters().stream()
                .filter(parameter -> parameter.decays() == decays)
                .map(parameter -> parameters.get(parameter.name()))
                .toList();
        return LibtorchAdamW.Group.of(members, decays);
    }

    /** Keeps a tensor beyond the scope it was made in, until {@link #close}. */
    private Tensor stays(Tensor tensor) {
        tensor.retainReference();
        kept.add(tensor);
        return tensor;
    }

    private static boolean isLinear(Parameter parameter) {
        return parameter.name().startsWith("block.") && parameter.name().endsWith(".weight");
    }

    /** Positions times inverse frequencies, twice side by side: (positions, headSize). */
    private Tensor angles() {
        float[] values = new float[Math.toIntExact(shape.positions() * shape.headSize())];
        int pairs = shape.headSize() / 2;
        for (int i = 0; i < values.length; i++) {
            int pair = i % shape.headSize() % pairs;
            values[i] = (float) (i / shape.headSize() * Math.pow(shape.rotaryBase(), -2.0 * pair / shape.headSize()));
        }
        return torch.tensor(values).view(shape.positions(), shape.headSize());
    }

    /**
     * A whole training step.
     *
     * @param tokens ids of each sequence
     * @param labels what each token is to predict
     * @return the mean loss, in nats
     */
    public double step(int[][] tokens, int[][] labels, double learningRate) {
        try (PointerScope step = new PointerScope()) {
            double loss = backward(tokens, labels);
            torch.clip_grad_norm_(parameterVector(), LARGEST_NORM);
            optimizer.step(learningRate);
            return loss;
        }
    }

    /** Forward and backward: gradients of the mean loss, in place of those before. @return the mean loss, in nats */
    public double backward(int[][] tokens, int[][] labels) {
        try (PointerScope pass = new PointerScope()) {
            parameters.values().forEach(parameter -> parameter.mutable_grad().reset());
            Tensor stream = stream(matrix(tokens)); // (sequences, length, hidden)
            Tensor normed = norm(stream, "head.norm");
            Tensor output = parameters.get(shape.tied() ? "embedding.token.weight" : "head.output.weight");
            Tensor logits = torch.linear(normed, output).view(-1, shape.vocabulary());
            Tensor loss = torch.cross_entropy_loss(logits, matrix(labels).view(-1));
            loss.backward();
            return loss.item_double();
        }
    }

    /** The gradient of the last {@link #backward}, row by row in the shape that the layout gives the parameter. */
    public float[] gradient(Parameter parameter) {
        try (PointerScope scope = new PointerScope()) {
            Tensor gradient = parameters.get(parameter.name()).grad();
            Tensor rows = (isLinear(parameter) ? gradient.t() : gradient).contiguous();
            float[] values = new float[Math.toIntExact(parameter.elements())];
            rows.data_ptr_float().get(values);
            return values;
        }
    }

    private Tensor stream(Tensor tokens) {
        Tensor stream = torch.embedding(parameters.get("embedding.token.weight"), tokens);
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "block." + layer + ".";
            stream = stream.add(attention(norm(stream, block + "attention.norm"), block + "attention."));
            stream = stream.add(mlp(norm(stream, block + "mlp.norm"), block + "mlp."));
        }
        return stream;
    }

    private Tensor attention(Tensor in, String prefix) {
        long sequences = in.size(0);
        long length = in.size(1);
        TensorVector parts = linear(in, prefix + "query-key-value").split(shape.hidden(), 2);
        Tensor query = rotary(heads(parts.get(0)));
        Tensor key = rotary(heads(parts.get(1)));
        Tensor value = heads(parts.get(2));
        Tensor out = torch.scaled_dot_product_attention(
                query, key, value, new TensorOptional(), 0, true, new DoubleOptional(), false);
        return linear(out.transpose(1, 2).reshape(sequences, length, shape.hidden()), prefix + "output");
    }

    /** (sequences, length, hidden) seen as (sequences, heads, length, headSize). */
    private Tensor heads(Tensor in) {
        return in.view(in.size(0), in.size(1), shape.heads(), shape.headSize()).transpose(1, 2);
    }

    private Tensor rotary(Tensor in) {
        long half = shape.headSize() / 2;
        Tensor turned = torch.cat(new TensorVector(in.narrow(3, half, half).neg(), in.narrow(3, 0, half)), -1);
        Tensor cosine = cosines.narrow(0, 0, in.size(2));
        Tensor sine = sines.narrow(0, 0, in.size(2));
        return in.mul(cosine).add(turned.mul(sine));
    }

    private Tensor mlp(Tensor in, String prefix) {
        return linear(torch.gelu(linear(in, prefix + "up"), "tanh"), prefix + "down");
    }

    private Tensor norm(Tensor in, String name) {
        return torch.layer_norm(
                in,
                new long[] {shape.hidden()},
                new TensorOptional(parameters.get(name + ".gain")),
                new TensorOptional(parameters.get(name + ".bias")),
                EPSILON,
                true);
    }

    private Tensor linear(Tensor in, String name) {
        return torch.linear(in, parameters.get(name + ".weight"), new TensorOptional(parameters.get(name + ".bias")));
    }

    private TensorVector parameterVector() {
        return new TensorVector(parameters.values().toArray(new Tensor[0]));
    }

    private static Tensor matrix(int[][] rows) {
        Tensor[] tensors = new Tensor[rows.length];
        for (int row = 0; row < rows.length; row++) {
            tensors[row] = torch.tensor(rows[row]).to(torch.ScalarType.Long);
        }
        return torch.stack(new TensorVector(tensors));
    }

    @Override
    public void close() {
        optimizer.close();
        kept.forEach(Tensor::releaseReference);
    }
}
