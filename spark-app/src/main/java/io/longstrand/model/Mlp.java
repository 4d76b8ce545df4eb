package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * The MLP half of a block: {@code out = in + down(activation(up(norm(in))))}, with a gate for SwiGLU. Keeps its input,
 * the norm's statistics and the wide rows before the activation. The normed rows and the activation's result are
 * computed again in the backward pass: two passes over memory, about one hundredth of the products' time, for 5 of the 16
 * times (tokens, hidden) a block would keep with GELU.
 */
final class Mlp {
    /**
     * What is kept between the passes.
     *
     * @param in (tokens, hidden)
     * @param statistics of the norm
     * @param gate (tokens, feedForward), SwiGLU only
     * @param up (tokens, feedForward)
     */
    record State(Tensor in, Norm.Statistics statistics, Optional<Tensor> gate, Tensor up) {}

    private final Kernels kernels;
    private final Arena device;
    private final ModelShape shape;
    private final Norm norm;
    private final Optional<Linear> gate;
    private final Linear up;
    private final Linear down;
    private final Layout layout;

    Mlp(ModelParts parts, int layer) {
        String prefix = "block." + layer + ".mlp.";
        kernels = parts.kernels();
        device = parts.device();
        shape = parts.shape();
        norm = parts.norm(prefix + "norm");
        gate = shape.activation() == ModelShape.MlpActivation.SWIGLU
                ? Optional.of(parts.linear(prefix + "gate"))
                : Optional.empty();
        up = parts.linear(prefix + "up");
        down = parts.linear(prefix + "down");
        layout = parts.layout();
    }

    /** Asks for room for the stream at its entry and for the state of a forward pass. */
    State keep(Activations activations, int layer, DataType type, long tokens) {
        Tensor in = activations.keep(layer, Kept.MIDDLE, type, tokens, shape.hidden());
        Optional<Tensor> mean = norm.hasMean()
                ? Optional.of(activations.keep(layer, Kept.MLP_NORM_MEAN, DataType.FLOAT32, 1, tokens))
                : Optional.empty();
        Tensor scale = activations.keep(layer, Kept.MLP_NORM_SCALE, DataType.FLOAT32, 1, tokens);
        return new State(
                in,
                new Norm.Statistics(mean, scale),
                gate.map(present -> activations.keep(layer, Kept.MLP_GATE, type, tokens, shape.feedForward())),
                activations.keep(layer, Kept.MLP_UP, type, tokens, shape.feedForward()));
    }

    /** The state as the forward pass left it. */
    State take(Activations activations, int layer) {
        Optional<Tensor> mean =
                norm.hasMean() ? Optional.of(activations.take(layer, Kept.MLP_NORM_MEAN)) : Optional.empty();
        return new State(
                activations.take(layer, Kept.MIDDLE),
                new Norm.Statistics(mean, activations.take(layer, Kept.MLP_NORM_SCALE)),
                gate.map(present -> activations.take(layer, Kept.MLP_GATE)),
                activations.take(layer, Kept.MLP_UP));
    }

    /** Writes the stream behind this half. @param out (tokens, hidden) */
    void forward(State state, Tensor out) {
        Arena.Mark mark = device.mark();
        Tensor scratch = device.allocate("scratch", out.type(), out.rows(), shape.hidden());
        Tensor wide = device.allocate("scratch", out.type(), out.rows(), shape.feedForward());
        norm.forward(state.in(), scratch, state.statistics());
        Tensor entered = layout.enter(scratch);
        up.forward(entered, state.up());
        gate.ifPresent(linear -> linear.forward(entered, state.gate().orElseThrow()));
        activate(state, wide);
        down.forward(wide, scratch);
        kernels.add(state.in(), layout.leave(scratch), out);
        device.release(mark);
    }

    /**
     * Adds this half's part to the stream's gradient; a gate and its up rows are overwritten by their gradients.
     *
     * @param gradient (tokens, hidden), in and out
     */
    void backward(State state, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tensor scratch = device.allocate("scratch", gradient.type(), gradient.rows(), shape.hidden());
        Tensor wide = device.allocate("scratch", gradient.type(), gradient.rows(), shape.feedForward());
        activate(state, wide);
        Tensor entered = layout.enter(gradient);
        down.addGradients(wide, entered, gradients);
        down.inputGradient(entered, wide); // of the activation's result
        norm.forward(state.in(), scratch, state.statistics());
        Tensor normed = layout.enter(scratch);
        if (gate.isPresent()) {
            Tensor gateRows = state.gate().orElseThrow();
            kernels.swigluBackward(gateRows, state.up(), wide, gateRows, state.up());
            gate.get().addGradients(normed, gateRows, gradients);
            up.addGradients(normed, state.up(), gradients);
            gate.get().inputGradient(gateRows, scratch); // of the normed rows
            up.addInputGradient(state.up(), scratch);
        } else {
            kernels.geluBackward(state.up(), wide, wide);
            up.addGradients(normed, wide, gradients);
            up.inputGradient(wide, scratch); // of the normed rows
        }
        norm.backward(layout.leave(scratch), state.in(), state.statistics(), gradients, gradient);
        device.release(mark);
    }

    private void activate(State state, Tensor wide) {
        if (gate.isPresent()) {
            kernels.swiglu(state.gate().orElseThrow(), state.up(), wide);
        } else {
            kernels.gelu(state.up(), wide);
        }
    }
}
