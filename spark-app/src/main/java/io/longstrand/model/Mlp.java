package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * The MLP half of a block: {@code out = in + down(activation(up(norm(in))))}, with a gate for SwiGLU. The normed rows and
 * the activation's result are computed again in the backward pass: two passes over memory, about one hundredth of the
 * products' time, for 5 of the 16 times (tokens, hidden) a block would keep with GELU. Wide rows that are not kept may be
 * made tile by tile.
 *
 * <p>The stream has this rank's rows. Ranks that share the products have some columns each of the wide rows of all of
 * them; a tile has as many rows of each rank.
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
    private record Wide(Optional<Tensor> gate, Tensor up, Tensor activated) {
        Wide first(long rows) {
            return new Wide(gate.map(all -> all.rows(0, rows)), up.rows(0, rows), activated.rows(0, rows));
        }
    }

    private final Kernels kernels;
    private final Arena device;
    private final ModelShare share;
    private final ActivationForm form;
    private final Norm norm;
    private final Optional<Linear> gate;
    private final Linear up;
    private final Linear down;
    private final Layout layout;

    Mlp(ModelParts parts, int layer) {
        String prefix = "block." + layer + ".mlp.";
        kernels = parts.kernels();
        device = parts.device();
        share = parts.share();
        form = parts.form();
        norm = parts.norm(prefix + "norm");
        gate = parts.shape().activation() == ModelShape.MlpActivation.SWIGLU
                ? Optional.of(parts.columnSplit(prefix + "gate"))
                : Optional.empty();
        up = parts.columnSplit(prefix + "up");
        down = parts.rowSplit(prefix + "down");
        layout = parts.layout();
    }

    /**
     * Writes the stream behind this half, and what is kept of it.
     *
     * @param in the stream before it, (rows, hidden)
     * @param out (rows, hidden); may be the stream before it
     */
    void forward(BlockTensors kept, Tensor in, Tensor out) {
        Arena.Mark mark = device.mark();
        Tiles tiles = tiles(in.rows());
        Tensor scratch = device.allocate(OWNER, in.type(), tiles.height(), in.columns());
        Tensor block = layout.blockRows(device, scratch);
        Norm.Statistics statistics = norm.room(device, OWNER, tiles.height());
        Wide room = kept.has(Kept.MLP_UP) ? kept(kept) : passing(in.type(), block.rows());
        tiles.run((from, to) -> {
            long count = to - from;
            Tensor rows = in.rows(from, to);
            Tensor narrow = scratch.rows(0, count);
            Tensor all = block.rows(0, share.parts() * count);
            Wide wide = room.first(all.rows());
            norm.forward(rows, narrow, statistics.rows(0, count));
            project(layout.enter(narrow, all, 1), wide);
            activate(wide);
            down.forward(wide.activated(), all);
            kernels.add(rows, layout.leave(all, narrow, 1), out.rows(from, to));
        });
        device.release(mark);
    }

    /**
     * Adds this half's part to the stream's gradient; a gate and its up rows are overwritten by their gradients.
     *
     * @param gradient (rows, hidden), in and out
     */
    void backward(BlockTensors kept, Tensor gradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tensor in = kept.of(Kept.MIDDLE);
        Tiles tiles = tiles(in.rows());
        Tensor scratch = device.allocate(OWNER, in.type(), in.rows(), in.columns());
        Tensor ofInput = layout.blockRows(device, scratch.rows(0, tiles.height()));
        Tensor ofGradient = layout.blockRows(device, gradient.rows(0, tiles.height()));
        Norm.Statistics statistics = norm.room(device, OWNER, in.rows());
        boolean again = !kept.has(Kept.MLP_UP);
        Wide room = again ? recomputed(in.type(), ofInput.rows()) : kept(kept);
        norm.forward(in, scratch, statistics);
        tiles.run((from, to) -> {
            long count = share.parts() * (to - from);
            Tensor rows = scratch.rows(from, to);
            Tensor outGradient = gradient.rows(from, to);
            Wide wide = room.first(count);
            Tensor normed = layout.enter(rows, ofInput.rows(0, count), 1);
            if (again) {
                project(normed, wide);
            }
            activate(wide);
            down.addBiasGradient(outGradient, gradients);
            // What the products saw is over when their gradient is written.
            backward(wide, normed, layout.enter(outGradient, ofGradient.rows(0, count), 1), gradients, normed);
            layout.leave(normed, rows, 1);
        });
        // Over all rows at once, so that the norm's own gradients are the sums they are without tiles.
        norm.backward(scratch, in, statistics, gradients, gradient);
        device.release(mark);
    }

    /**
     * The backward pass of the products; wide rows are overwritten by their gradients.
     *
     * @param normed what the products saw, (rows, hidden)
     * @param outGradient (rows, hidden)
     * @param normedGradient (rows, hidden), written; may be normed itself
     */
    private void backward(Wide wide, Tensor normed, Tensor outGradient, Gradients gradients, Tensor normedGradient) {
        down.addWeightGradient(wide.activated(), outGradient, gradients);
        down.inputGradient(outGradient, wide.activated()); // of the activation's result
        if (gate.isPresent()) {
            Tensor gateRows = wide.gate().orElseThrow();
            kernels.swigluBackward(gateRows, wide.up(), wide.activated(), gateRows, wide.up());
            addGradients(gate.get(), normed, gateRows, gradients);
            addGradients(up, normed, wide.up(), gradients);
            gate.get().inputGradient(gateRows, normedGradient);
            up.addInputGradient(wide.up(), normedGradient);
        } else {
            Tensor upGradient = wide.activated();
            kernels.geluBackward(wide.up(), upGradient, upGradient);
            addGradients(up, normed, upGradient, gradients);
            up.inputGradient(upGradient, normedGradient);
        }
    }

    private static void addGradients(Linear linear, Tensor in, Tensor outGradient, Gradients gradients) {
        linear.addWeightGradient(in, outGradient, gradients);
        linear.addBiasGradient(outGradient, gradients);
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

    /** Rows that are kept, all of them, and room for the activation's result. */
    private Wide kept(BlockTensors kept) {
        Tensor rows = kept.of(Kept.MLP_UP);
        return new Wide(gate.map(present -> kept.of(Kept.MLP_GATE)), rows, room(rows.type(), rows.rows()));
    }

    /** Room for rows of which only the activation's result is wanted. */
    private Wide passing(DataType type, long rows) {
        Tensor only = room(type, rows);
        return new Wide(gate.map(present -> room(type, rows)), only, only);
    }

    /** Room for rows that are made again for their gradients. */
    private Wide recomputed(DataType type, long rows) {
        return new Wide(gate.map(present -> room(type, rows)), room(type, rows), room(type, rows));
    }

    /** (rows, feedForward). */
    private Tensor room(DataType type, long rows) {
        return device.allocate(OWNER, type, rows, share.feedForward());
    }

    private Tiles tiles(long rows) {
        return new Tiles(kernels, rows, share.streamHeight(form.mlpTile()));
    }
}
