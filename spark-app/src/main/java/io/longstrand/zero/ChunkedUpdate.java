package io.longstrand.zero;

import io.longstrand.optim.AdamW;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The optimiser's pass over a state of which some may lie in host memory: that part goes through the device chunk by
 * chunk. Nothing beside an element has a say in its update, so chunks change no bit.
 */
final class ChunkedUpdate {
    /** Elements {@code from} to {@code to} of a stretch. */
    private record Chunk(int stretch, long from, long to) {
        Tensor of(StateVector vector) {
            return vector.stretches().get(stretch).values().columns(from, to);
        }
    }

    private final Arena device;
    private final CopyStream copies;
    private final MasterWeights masters;
    private final StateVector gradients;
    private final Moments moments;
    private final List<Chunk> chunks = new ArrayList<>();
    private final long longest;

    /**
     * @param gradients FLOAT32, on the device; of the same elements as masters and moments
     * @param most elements of a chunk
     */
    ChunkedUpdate(
            Arena device, CopyStream copies, MasterWeights masters, StateVector gradients, Moments moments, long most) {
        this.device = device;
        this.copies = copies;
        this.masters = masters;
        this.gradients = gradients;
        this.moments = moments;
        boolean resident =
                masters.values().place() == Place.DEVICE && moments.first().place() == Place.DEVICE;
        cut(resident ? Long.MAX_VALUE : most);
        longest = chunks.stream()
                .mapToLong(chunk -> chunk.to() - chunk.from())
                .max()
                .orElse(0);
    }

    private void cut(long most) {
        for (int stretch = 0; stretch < gradients.stretches().size(); stretch++) {
            long elements = gradients.stretches().get(stretch).values().columns();
            for (long from = 0; from < elements; from += Math.min(most, elements)) {
                chunks.add(new Chunk(stretch, from, from + Math.min(most, elements - from)));
            }
        }
    }

    /** Updates everything; see {@link AdamW#update}. Takes its chunks from the device arena and gives them back. */
    void run(AdamW optimizer, long step, double learningRate, double gradientScale) {
        Arena.Mark mark = device.mark();
        DeviceChunks master = new DeviceChunks(masters.values().place(), copies, device, longest);
        DeviceChunks first = new DeviceChunks(moments.first().place(), copies, device, longest);
        DeviceChunks second = new DeviceChunks(moments.second().place(), copies, device, longest);
        if (!chunks.isEmpty()) {
            bring(0, master, first, second);
        }
        for (int number = 0; number < chunks.size(); number++) {
            if (number + 1 < chunks.size()) {
                bring(number + 1, master, first, second);
            }
            int turn = number % DeviceChunks.TURNS;
            Chunk chunk = chunks.get(number);
            Tensor updated = master.there(turn, chunk.of(masters.values()));
            long from = gradients.stretches().get(chunk.stretch()).start() + chunk.from();
            optimizer.update(
                    step,
                    learningRate,
                    gradientScale,
                    from,
                    updated,
                    chunk.of(gradients),
                    first.there(turn, chunk.of(moments.first())),
                    second.there(turn, chunk.of(moments.second())));
            masters.publish(chunk.stretch(), chunk.from(), updated);
            master.sendBack(turn, chunk.of(masters.values()));
            first.sendBack(turn, chunk.of(moments.first()));
            second.sendBack(turn, chunk.of(moments.second()));
        }
        List.of(master, first, second).forEach(DeviceChunks::settle);
        device.release(mark);
    }

    private void bring(int number, DeviceChunks master, DeviceChunks first, DeviceChunks second) {
        int turn = number % DeviceChunks.TURNS;
        Chunk chunk = chunks.get(number);
        master.bring(turn, chunk.of(masters.values()));
        first.bring(turn, chunk.of(moments.first()));
        second.bring(turn, chunk.of(moments.second()));
    }
}
