package io.longstrand.parallel;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/**
 * Where the gradients of a rank's own keys and values are summed up, in FLOAT32: in the gradients themselves where they
 * have that type, otherwise in one of two rooms, because sums of some heads are still expected while the next ones are at
 * work.
 */
final class OwnGradients {
    /** FLOAT32 (tokens, width) each. */
    record Pair(Tensor key, Tensor value) {}

    private final Kernels kernels;
    private final boolean inPlace;
    private final Pair[] rooms = new Pair[2];
    private final Pair[] targets = new Pair[2];
    private int taken;
    private int published;

    /** Takes the rooms, if they are needed. */
    OwnGradients(Kernels kernels, Arena device, DataType type, long tokens, long width) {
        this.kernels = kernels;
        inPlace = type == DataType.FLOAT32;
        for (int number = 0; number < rooms.length && !inPlace; number++) {
            rooms[number] = new Pair(
                    device.allocate(KeyRing.OWNER, DataType.FLOAT32, tokens, width),
                    device.allocate(KeyRing.OWNER, DataType.FLOAT32, tokens, width));
        }
    }

    /** Where to sum up the gradients of the next heads. */
    Pair next(Tensor keyGradient, Tensor valueGradient) {
        int number = taken++ % rooms.length;
        targets[number] = new Pair(keyGradient, valueGradient);
        return inPlace ? targets[number] : rooms[number];
    }

    /** Writes sums that are complete: of all heads but those at work, or of all. */
    void publish(boolean all) {
        while (published < (all ? taken : taken - 1)) {
            int number = published++ % rooms.length;
            if (!inPlace) {
                kernels.copy(rooms[number].key(), targets[number].key());
                kernels.copy(rooms[number].value(), targets[number].value());
            }
        }
    }
}
