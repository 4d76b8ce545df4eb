package io.longstrand.zero;

import io.longstrand.model.ParameterLayout;
import io.longstrand.model.Weights;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.function.BiConsumer;

/**
 * The parameters of a model in one flat tensor of the compute type, all of them or this rank's slices, and the way the
 * model uses them where they live.
 */
public final class Parameters {
    private static final String OWNER = "parameters";

    private final Tensor flat;
    private final Weights weights;
    private final Runnable outdate;
    private final BiConsumer<Integer, CopyStream.Event> arriving;

    /**
     * Takes room for all of them; the content is undefined.
     *
     * @param device holds the parameters, or the buffers through which those of the host pass
     * @param copies brings units to the device
     * @param form says their type and place
     */
    public Parameters(Arena device, Arena host, CopyStream copies, ParameterLayout layout, StateForm form) {
        if (form.parameters() == Place.DEVICE) {
            flat = device.allocate(OWNER, form.computeType(), 1, layout.elements());
            FlatWeights resident = new FlatWeights(flat, copies);
            weights = resident;
            outdate = () -> {};
            arriving = resident::arriving;
        } else {
            flat = host.allocate(OWNER, form.computeType(), 1, layout.elements());
            BufferedWeights brought = new BufferedWeights(
                    (unit, room) -> {
                        long start = layout.unitStart(unit);
                        return copies.copy(flat.columns(start, start + room.columns()), room);
                    },
                    form.computeType(),
                    layout,
                    copies,
                    device);
            weights = brought;
            outdate = brought::outdate;
            // What arrives and what is brought to the device go through one stream, one after the other.
            arriving = (unit, event) -> {};
        }
    }

    /**
     * Takes room for this rank's slices; the content is undefined.
     *
     * @param device holds the buffers in which units are collected, and the slices unless the host does
     * @param exchange collects units
     */
    Parameters(
            Arena device,
            Arena host,
            CopyStream copies,
            StateExchange exchange,
            Partition partition,
            ParameterLayout layout,
            StateForm form) {
        Arena arena = form.parameters() == Place.DEVICE ? device : host;
        flat = arena.allocate(OWNER, form.computeType(), 1, partition.ownElements());
        StateVector slices = StateVector.owned(partition, flat);
        BufferedWeights collected = new BufferedWeights(
                (unit, room) -> {
                    CopyStream.Event there = copies.computed();
                    for (Bucket bucket : partition.of(unit)) {
                        long start = bucket.start() - layout.unitStart(unit);
                        Tensor place = room.columns(start, start + bucket.elements());
                        there = exchange.allGather(bucket, slices.of(bucket), place);
                    }
                    return there;
                },
                form.computeType(),
                layout,
                copies,
                device);
        weights = collected;
        outdate = collected::outdate;
        arriving = (unit, event) -> {};
    }

    /** (1, elements of the layout) or (1, own elements), in either place. */
    public Tensor flat() {
        return flat;
    }

    /** As the model uses them. */
    public Weights weights() {
        return weights;
    }

    /** Says that {@link #flat} changes: copies of units under way end, and none of those made is used again. */
    public void outdate() {
        outdate.run();
    }

    /** Says when the newest values of a unit are in {@link #flat}. */
    void arriving(int unit, CopyStream.Event event) {
        arriving.accept(unit, event);
    }
}
