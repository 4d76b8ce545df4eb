package io.longstrand.zero;

import io.longstrand.optim.AdamW;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * The optimiser's pass over a state of which some may lie in host memory: that part goes through the device chunk by
 * chunk. Nothing beside an element has a say in its update, so chunks change no bit.
 */
final class ChunkedUpdate {
    private final Arena device;
    private final CopyStream copies;
    private final MasterWeights masters;
    private final Tensor gradients;
    private final Moments moments;
    private final long chunk;
    private final long chunks;

    /**
     * @param gradients FLOAT32 (1, elements), on the device
     * @param longest most elements of a chunk
     */
    ChunkedUpdate(
            Arena device, CopyStream copies, MasterWeights masters, Tensor gradients, Moments moments, long longest) {
        this.device = device;
        this.copies = copies;
        this.masters = masters;
        this.gradients = gradients;
        this.moments = moments;
        boolean resident =
                masters.flat().place() == Place.DEVICE && moments.first().place() == Place.DEVICE;
        chunk = resident ? gradients.columns() : Math.min(longest, gradients.columns());
        chunks = (gradients.columns() + chunk - 1) / chunk;
    }

    /** Updates everything; see {@link AdamW#update}. Takes its chunks from the device arena and gives them back. */
    void run(AdamW optimizer, long step, double learningRate, double gradientScale) {
        Arena.Mark mark = device.mark();
        DeviceChunks master = new DeviceChunks(masters.flat(), copies, device, chunk);
        DeviceChunks first = new DeviceChunks(moments.first(), copies, device, chunk);
        DeviceChunks second = new DeviceChunks(moments.second(), copies, device, chunk);
        List<DeviceChunks> all = List.of(master, first, second);
        bring(all, 0);
        for (long number = 0; number < chunks; number++) {
            bring(all, number + 1);
            int turn = turn(number);
            long from = from(number);
            long to = to(number);
            Tensor updated = master.there(turn, from, to);
            optimizer.update(
                    step,
                    learningRate,
                    gradientScale,
                    from,
                    updated,
                    gradients.columns(from, to),
                    first.there(turn, from, to),
                    second.there(turn, from, to));
            masters.publish(updated, from);
            all.forEach(part -> part.sendBack(turn, from, to));
        }
        all.forEach(DeviceChunks::settle);
        device.release(mark);
    }

    private void bring(List<DeviceChunks> all, long number) {
        if (number < chunks) {
            all.forEach(part -> part.bring(turn(number), from(number), to(number)));
        }
    }

    private static int turn(long number) {
        return (int) (number % DeviceChunks.TURNS);
    }

    private long from(long number) {
        return number * chunk;
    }

    private long to(long number) {
        return Math.min(gradients.columns(), from(number) + chunk);
    }
}
