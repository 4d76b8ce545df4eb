package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A vector as the device sees it, one chunk after the other: where it lies when it lies there, else through two
 * chunks of device memory in turn, so that the next one arrives while this one is used.
 */
final class DeviceChunks {
    /** Chunks that are there at a time. */
    static final int TURNS = 2;

    private static final String OWNER = "optimizer chunks";

    private final CopyStream copies;
    private final List<Tensor> rooms = new ArrayList<>();
    private final CopyStream.Event[] arrived = new CopyStream.Event[TURNS];
    private CopyStream.Event sent;

    /**
     * Takes the rooms.
     *
     * @param place where the values live
     * @param longest elements of the longest chunk
     */
    DeviceChunks(Place place, CopyStream copies, Arena device, long longest) {
        this.copies = copies;
        sent = copies.computed();
        for (int turn = 0; place == Place.HOST && turn < TURNS; turn++) {
            rooms.add(device.allocate(OWNER, DataType.FLOAT32, 1, longest));
        }
    }

    /** Starts to bring a chunk; what was there in this turn must have been sent back. */
    void bring(int turn, Tensor chunk) {
        if (!rooms.isEmpty()) {
            arrived[turn] = copies.copy(chunk, room(turn, chunk));
        }
    }

    /** The chunk on the device, once it is there. */
    Tensor there(int turn, Tensor chunk) {
        if (rooms.isEmpty()) {
            return chunk;
        }
        copies.await(arrived[turn]);
        return room(turn, chunk);
    }

    /** Starts to send back what the compute stream has made of it. */
    void sendBack(int turn, Tensor chunk) {
        if (!rooms.isEmpty()) {
            sent = copies.copy(room(turn, chunk), chunk);
        }
    }

    /** Makes the compute stream wait until everything sent back has arrived. */
    void settle() {
        copies.await(sent);
    }

    private Tensor room(int turn, Tensor chunk) {
        return rooms.get(turn).columns(0, chunk.columns());
    }
}
