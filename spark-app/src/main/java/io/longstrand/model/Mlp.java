package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * The MLP half of a block: {@code out = in + down(activation(up(norm(in))))}, with a gate for SwiGLU. The normed rows and
 * the activation's result are computed again in the backward pass: two passes over memory, about one hundredth of the
 * products' time, for 5 of the 16 times (tokens, hidden) a block would keep with GELU.
 */
final class Mlp {
    private static final String OWNER = "scratch";

    /**
     * The wide rows.
     *
     * @param gate (rows, feedForward), before the activation; SwiGLU only
     * @param up (rows, feedForward), with GELU before the activation
     * @param activated (rows, feedForward); may be one of the others, which then is lost
     */
    private record Wide(Optional<Tensor> gate, Tensor up, Tensor activated) {}

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

    /**
     * Writes the stream behind this half, and what is kept of it.
     *
     * @param in the stream before it, (tokens, hidden)
     * @param out (tokens, hidden); may be the stream before it
     */
    void forward(BlockTensors kept, Tensor in, Tensor out) {
        Arena.Mark mark = device.mark();
        Tensor scratch = device.allocate(OWNER, in.type(), in.rows(), shape.hidden());
        Norm.Statistics statistics = norm.room(device, OWNER, in.rows());
        Wide wide = kept.has(Kept.MLP_UP) ? kept(kept) : passing(in);
        norm.forward(in, scratch, statistics);
        project(layout.enter(scratch), wide);
        activate(wide);
        down.forward(wide.activated(), scratch);
        kernels.add(in, layout.leave(scratch), out);
        device.release(mark);
    }

    /**
     * Adds this half's part to the stream's gradient; a gate and its up rows are overwritten by their gradients.
     *
     * @param gradient (tokens, hidden), in and out
     */
    void backward(BlockTensors kept, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tensor in = kept.of(Kept.MIDDLE);
        Tensor scratch = device.allocate(OWNER, in.type(), in.rows(), shape.hidden());
        Norm.Statistics statistics = norm.room(device, OWNER, in.rows());
        norm.forward(in, scratch, statistics);
        Tensor normed = layout.enter(scratch);
        Wide wide;
        if (kept.has(Kept.MLP_UP)) {
            wide = kept(kept);
        } else {
            wide = new Wide(gate.map(present -> room(in)), room(in), room(in));
            project(normed, wide);
        }
        activate(wide);
        Tensor entered = layout.enter(gradient);
        down.addGradients(wide.activated(), entered, gradients);
        down.inputGradient(entered, wide.activated()); // of the activation's result
        if (gate.isPresent()) {
            Tensor gateRows = wide.gate().orElseThrow();
            kernels.swigluBackward(gateRows, wide.up(), wide.activated(), gateRows, wide.up());
            gate.get().addGradients(normed, gateRows, gradients);
            up.addGradients(normed, wide.up(), gradients);
            gate.get().inputGradient(gateRows, scratch); // of the normed rows
            up.addInputGradient(wide.up(), scratch);
        } else {
            Tensor upGradient = wide.activated();
            kernels.geluBackward(wide.up(), upGradient, upGradient);
            up.addGradients(normed, upGradient, gradients);
            up.inputGradient(upGradient, scratch); // of the normed rows
        }
        norm.backward(layout.leave(scratch), in, statistics, gradients, gradient);
        device.release(mark);
    }

    private void project(Tensor normed, Wide wide) {
        up.forward(normed, wide.up());
        gate.ifPresent(linear -> linear.forward(normed, wide.gate().orElseThrow()));
    }

    private void activate(Wide wide) {
        if (gate.isPresent()) {
            kernels.swiglu(wide.gate().orElseThrow(), wide.up(), wide.activated());
        } else {
            kernels.gelu(wide.up(), wide.activated());
        }
    }

    /** Rows that are kept, and room for the activation's result. */
    private Wide kept(BlockTensors kept) {
        return new Wide(gate.map(present -> kept.of(Kept.MLP_GATE)), kept.of(Kept.MLP_UP), room(kept.of(Kept.MLP_UP)));
    }

    /** Room for rows of which only the activation's result is wanted. */
    private Wide passing(Tensor in) {
        Tensor only = room(in);
        return new Wide(gate.map(present -> room(in)), only, only);
    }

    /** (tokens, feedForward). */
    private Tensor room(Tensor in) {
        return device.allocate(OWNER, in.type(), in.rows(), shape.feedForward());
    }
}
