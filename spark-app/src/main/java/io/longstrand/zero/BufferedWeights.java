package io.longstrand.zero;

import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.model.Weights;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Parameters that live elsewhere: in host memory (Ren et al. 2021, ZeRO-Offload), or in slices on all ranks (Rajbhandari
 * et al. 2020, ZeRO stage 3). A unit is brought to one of two buffers on the device; while it is used the next one comes to the other: upwards from the embeddings, downwards from the head. The
 * embeddings have the first buffer, the head has the second, so that a tied head finds both; the layers below it
 * alternate.
 */
final class BufferedWeights implements Weights {
    private static final String OWNER = "parameter buffers";
    private static final int BUFFERS = 2;
    private static final int NO_UNIT = -1;

    /** Room for one unit, and which it holds. */
    private static final class Buffer {
        private final Tensor room;
        private int unit = NO_UNIT;
        private int uses;
        private CopyStream.Event arrived;

        Buffer(Tensor room, CopyStream.Event arrived) {
            this.room = room;
            this.arrived = arrived;
        }
    }

    private final UnitSource source;
    private final ParameterLayout layout;
    private final CopyStream copies;
    private final List<Buffer> buffers = new ArrayList<>();
    private boolean upwards = true;

    /**
     * Takes the buffers.
     *
     * @param source where units come from
     * @param type of the parameters
     */
    BufferedWeights(UnitSource source, DataType type, ParameterLayout layout, CopyStream copies, Arena device) {
        this.source = source;
        this.layout = layout;
        this.copies = copies;
        for (int number = 0; number < BUFFERS; number++) {
            Tensor room = device.allocate(OWNER, type, 1, largestUnit(number));
            buffers.add(new Buffer(room, copies.computed()));
        }
    }

    @Override
    public void use(int unit) {
        Buffer buffer = buffer(unit);
        bring(unit, buffer);
        buffer.uses++;
        copies.await(buffer.arrived);
        bringNext(unit);
    }

    @Override
    public void release(int unit) {
        inUse(unit).uses--;
    }

    @Override
    public Tensor of(Parameter parameter) {
        long start = parameter.offset() - layout.unitStart(parameter.unit());
        return inUse(parameter.unit())
                .room
                .columns(start, start + parameter.elements())
                .reshape(parameter.rows(), parameter.columns());
    }

    /** The parameters change: what the buffers hold or are about to get is worth nothing. */
    void outdate() {
        for (Buffer buffer : buffers) {
            copies.await(buffer.arrived);
            buffer.unit = NO_UNIT;
        }
    }

    private void bring(int unit, Buffer buffer) {
        if (buffer.unit == unit) {
            return;
        }
        if (buffer.uses > 0) {
            throw new IllegalStateException("unit " + unit + " is to go where unit " + buffer.unit + " is in use");
        }
        buffer.unit = unit;
        buffer.arrived = source.bring(unit, buffer.room.columns(0, layout.unitElements(unit)));
    }

    private void bringNext(int unit) {
        if (unit == layout.units() - 1) {
            upwards = false;
        } else if (unit == 0) {
            // Unless it is the output matrix of a tied head.
            upwards = buffer(layout.units() - 1).uses == 0;
        }
        int next = upwards ? unit + 1 : unit - 1;
        // The embeddings are next used when an update may have changed them.
        if (next > 0 && buffer(next).uses == 0) {
            bring(next, buffer(next));
        }
    }

    private Buffer inUse(int unit) {
        Buffer buffer = buffer(unit);
        if (buffer.unit != unit || buffer.uses == 0) {
            throw new IllegalStateException("unit " + unit + " is not in use");
        }
        return buffer;
    }

    private Buffer buffer(int unit) {
        return buffers.get(number(unit));
    }

    private int number(int unit) {
        return unit == 0 ? 0 : (layout.units() - unit) % BUFFERS;
    }

    private long largestUnit(int number) {
        long largest = 0;
        for (int unit = 0; unit < layout.units(); unit++) {
            largest = Math.max(largest, number(unit) == number ? layout.unitElements(unit) : 0);
        }
        return largest;
    }
}
