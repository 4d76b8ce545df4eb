package io.longstrand.zero;

import io.longstrand.model.Gradients;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * This rank's slices of the gradients, ZeRO stages 2 and 3. A backward pass adds to one unit at a time in a room of its
 * size; when it is done with it, the sums over ranks go to their owners while the pass adds to the next unit in the other
 * room. Embeddings that are the output matrix too have a room of their own: a pass begins and ends with them.
 */
final class PartitionedGradients implements GradientStore, Gradients {
    private static final String ROOMS = "gradient buffers";
    private static final int TURNS = 2;
    private static final int NO_UNIT = -1;

    /** Room for the gradients of one unit. */
    private static final class Room {
        private final Tensor values;
        private int unit = NO_UNIT;
        private int arriving = NO_UNIT;
        private CopyStream.Event arrived;

        Room(Tensor values) {
            this.values = values;
        }
    }

    private final Kernels kernels;
    private final CopyStream copies;
    private final StateExchange exchange;
    private final Partition partition;
    private final ParameterLayout layout;
    private final Tensor slices;
    private final StateVector sums;
    private final List<Room> rooms = new ArrayList<>();

    /** Takes room for the slices, {@code 4Ψ/N} bytes, and for three units at most. */
    PartitionedGradients(
            Kernels kernels,
            Arena device,
            CopyStream copies,
            StateExchange exchange,
            Partition partition,
            ParameterLayout layout) {
        this.kernels = kernels;
        this.copies = copies;
        this.exchange = exchange;
        this.partition = partition;
        this.layout = layout;
        slices = device.allocate(OWNER, DataType.FLOAT32, 1, partition.ownElements());
        sums = StateVector.owned(partition, slices);
        for (int number = 0; number <= TURNS; number++) {
            rooms.add(new Room(device.allocate(ROOMS, DataType.FLOAT32, 1, largestUnit(number))));
        }
    }

    @Override
    public void clear() {
        kernels.fill(slices, 0);
    }

    @Override
    public Gradients pass(boolean last) {
        return this;
    }

    @Override
    public Tensor of(Parameter parameter) {
        Room room = opened(parameter.unit());
        long start = parameter.offset() - layout.unitStart(parameter.unit());
        return room.values.columns(start, start + parameter.elements()).reshape(parameter.rows(), parameter.columns());
    }

    private Room opened(int unit) {
        Room room = rooms.get(number(unit));
        if (room.unit == unit) {
            return room;
        }
        if (room.unit != NO_UNIT) {
            throw new IllegalStateException(
                    "gradients of unit " + unit + " are to go where those of unit " + room.unit + " are");
        }
        add(room);
        room.unit = unit;
        kernels.fill(room.values.columns(0, layout.unitElements(unit)), 0);
        return room;
    }

    /** {@inheritDoc} The sums arrive at the beginning of each bucket's place in the room. */
    @Override
    public void ready(int unit) {
        Room room = opened(unit);
        for (Bucket bucket : partition.of(unit)) {
            room.arrived = exchange.reduceScatter(bucket, inRoom(room, bucket), arriving(room, bucket));
        }
        room.unit = NO_UNIT;
        room.arriving = unit;
    }

    @Override
    public void settle() {
        rooms.forEach(this::add);
    }

    /** Adds what has arrived for the unit that was in a room last. */
    private void add(Room room) {
        if (room.arriving == NO_UNIT) {
            return;
        }
        copies.await(room.arrived);
        for (Bucket bucket : partition.of(room.arriving)) {
            Tensor sum = sums.of(bucket);
            kernels.add(sum, arriving(room, bucket), sum);
        }
        room.arriving = NO_UNIT;
    }

    @Override
    public StateVector sums() {
        return sums;
    }

    private Tensor inRoom(Room room, Bucket bucket) {
        long start = bucket.start() - layout.unitStart(bucket.unit());
        return room.values.columns(start, start + bucket.elements());
    }

    private Tensor arriving(Room room, Bucket bucket) {
        return inRoom(room, bucket).columns(0, bucket.ownElements());
    }

    private int number(int unit) {
        return unit == 0 && layout.isTied() ? TURNS : unit % TURNS;
    }

    private long largestUnit(int number) {
        long largest = 0;
        for (int unit = 0; unit < layout.units(); unit++) {
            largest = Math.max(largest, number(unit) == number ? layout.unitElements(unit) : 0);
        }
        return largest;
    }
}
