package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * The attention half of a block: {@code out = in + attention(norm(in))}. Keeps its input, the norm's statistics,
 * rotated queries, keys and values, the heads' output and the log-sum-exp; the normed rows are computed again in the
 * backward pass, which costs one pass over memory and saves a (tokens, hidden) tensor.
 */
final class SelfAttention {
    /**
     * What is kept between the passes.
     *
     * @param in (tokens, hidden)
     * @param statistics of the norm
     * @param queryKeyValue (tokens, queryKeyValueColumns)
     * @param out (tokens, hidden)
     * @param logSumExp FLOAT32 (heads, tokens)
     */
    record State(Tensor in, Norm.Statistics statistics, Tensor queryKeyValue, Tensor out, Tensor logSumExp) {}

    private final Kernels kernels;
    private final Arena device;
    private final ModelShape shape;
    private final Norm norm;
    private final Linear queryKeyValue;
    private final Linear output;
    private final Attention attention;
    private final Optional<RotaryTable> rotary;
    private final Layout layout;

    SelfAttention(ModelParts parts, int layer) {
        String prefix = "block." + layer + ".attention.";
        kernels = parts.kernels();
        device = parts.device();
        shape = parts.shape();
        norm = parts.norm(prefix + "norm");
        queryKeyValue = parts.linear(prefix + "query-key-value");
        output = parts.linear(prefix + "output");
        attention = parts.attention();
        rotary = parts.rotary();
        layout = parts.layout();
    }

    /** Asks for room for the state of a forward pass. */
    State keep(Activations activations, int layer, Tensor in) {
        long tokens = in.rows();
        Optional<Tensor> mean = norm.hasMean()
                ? Optional.of(activations.keep(layer, Kept.ATTENTION_NORM_MEAN, DataType.FLOAT32, 1, tokens))
                : Optional.empty();
        return new State(
                in,
                new Norm.Statistics(
                        mean, activations.keep(layer, Kept.ATTENTION_NORM_SCALE, DataType.FLOAT32, 1, tokens)),
                activations.keep(layer, Kept.QUERY_KEY_VALUE, in.type(), tokens, shape.queryKeyValueColumns()),
                activations.keep(layer, Kept.ATTENTION_OUT, in.type(), tokens, shape.hidden()),
                activations.keep(layer, Kept.LOG_SUM_EXP, DataType.FLOAT32, shape.heads(), tokens));
    }

    /** The state as the forward pass left it. */
    State take(Activations activations, int layer) {
        Optional<Tensor> mean =
                norm.hasMean() ? Optional.of(activations.take(layer, Kept.ATTENTION_NORM_MEAN)) : Optional.empty();
        return new State(
                activations.take(layer, Kept.INPUT),
                new Norm.Statistics(mean, activations.take(layer, Kept.ATTENTION_NORM_SCALE)),
                activations.take(layer, Kept.QUERY_KEY_VALUE),
                activations.take(layer, Kept.ATTENTION_OUT),
                activations.take(layer, Kept.LOG_SUM_EXP));
    }

    /** Writes the stream behind this half. @param out (tokens, hidden) */
    void forward(State state, Batch batch, Tensor out) {
        Arena.Mark mark = device.mark();
        Tensor scratch = device.allocate("scratch", out.type(), out.rows(), shape.hidden());
        norm.forward(state.in(), scratch, state.statistics());
        queryKeyValue.forward(layout.enter(scratch), state.queryKeyValue());
        rotary.ifPresent(table -> table.forward(queryKey(state.queryKeyValue()), batch.positions()));
        attention.forward(tensors(state), batch.mask());
        output.forward(state.out(), scratch);
        kernels.add(state.in(), layout.leave(scratch), out);
        device.release(mark);
    }

    /** Adds this half's part to the stream's gradient. @param gradient (tokens, hidden), in and out */
    void backward(State state, Batch batch, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tensor scratch = device.allocate("scratch", gradient.type(), gradient.rows(), shape.hidden());
        Tensor queryKeyValueGradient =
                device.allocate("scratch", gradient.type(), gradient.rows(), shape.queryKeyValueColumns());
        Tensor entered = layout.enter(gradient);
        output.addGradients(state.out(), entered, gradients);
        output.inputGradient(entered, scratch); // of the heads' output
        attention.backward(
                tensors(state),
                new Attention.TensorGradients(
                        scratch,
                        query(queryKeyValueGradient),
                        key(queryKeyValueGradient),
                        value(queryKeyValueGradient)),
                batch.mask());
        rotary.ifPresent(table -> table.backward(queryKey(queryKeyValueGradient), batch.positions()));
        norm.forward(state.in(), scratch, state.statistics());
        queryKeyValue.addGradients(layout.enter(scratch), queryKeyValueGradient, gradients);
        queryKeyValue.inputGradient(queryKeyValueGradient, scratch); // of the normed rows
        norm.backward(layout.leave(scratch), state.in(), state.statistics(), gradients, gradient);
        device.release(mark);
    }

    private Attention.Tensors tensors(State state) {
        Tensor all = state.queryKeyValue();
        return new Attention.Tensors(query(all), key(all), value(all), state.out(), state.logSumExp());
    }

    private Tensor query(Tensor all) {
        return all.columns(0, shape.hidden());
    }

    private Tensor key(Tensor all) {
        long width = (long) shape.keyValueHeads() * shape.headSize();
        return all.columns(shape.hidden(), shape.hidden() + width);
    }

    private Tensor value(Tensor all) {
        long width = (long) shape.keyValueHeads() * shape.headSize();
        return all.columns(shape.hidden() + width, shape.hidden() + 2 * width);
    }

    /** Queries and keys lie side by side, so one call turns both. */
    private Tensor queryKey(Tensor all) {
        return all.columns(0, shape.hidden() + (long) shape.keyValueHeads() * shape.headSize());
    }
}
