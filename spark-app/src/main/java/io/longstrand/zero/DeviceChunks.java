package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A flat tensor as the device sees it, one chunk after the other: where it lies when it lies there, else through two
 * chunks of device memory in turn, so that the next one arrives while this one is used.
 */
final class DeviceChunks {
    /** Chunks that are there at a time. */
    static final int TURNS = 2;

    private static final String OWNER = "optimizer chunks";

    private final Tensor flat;
    private final CopyStream copies;
    private final List<Tensor> rooms = new ArrayList<>();
    private final CopyStream.Event[] arrived = new CopyStream.Event[TURNS];
    private CopyStream.Event sent;

    /** @param longest elements of the longest chunk */
    DeviceChunks(Tensor flat, CopyStream copies, Arena device, long longest) {
        this.flat = flat;
        this.copies = copies;
        sent = copies.computed();
        for (int turn = 0; flat.place() == Place.HOST && turn < TURNS; turn++) {
            rooms.add(device.allocate(OWNER, flat.type(), 1, longest));
        }
    }

    /** Starts to bring elements {@code from} to {@code to}; what was there in this turn must have been sent back. */
    void bring(int turn, long from, long to) {
        if (!rooms.isEmpty()) {
            arrived[turn] = copies.copy(flat.columns(from, to), room(turn, from, to));
        }
    }

    /** The elements on the device, once they are there. */
    Tensor there(int turn, long from, long to) {
        if (rooms.isEmpty()) {
            return flat.columns(from, to);
        }
        copies.await(arrived[turn]);
        return room(turn, from, to);
    }

    /** Starts to send back what the compute stream has made of them. */
    void sendBack(int turn, long from, long to) {
        if (!rooms.isEmpty()) {
            sent = copies.copy(room(turn, from, to), flat.columns(from, to));
        }
    }

    /** Makes the compute stream wait until everything sent back has arrived. */
    void settle() {
        copies.await(sent);
    }

    private Tensor room(int turn, long from, long to) {
        return rooms.get(turn).columns(0, to - from);
    }
}
