package io.longstrand.mesh;

/**
 * Where a rank stands on each axis, all from 0.
 *
 * @param data which group of windows it sees
 * @param context its place in the ring
 * @param head its place among those that trade sequence for heads
 * @param tensor its part of each matrix
 */
public record Coordinates(int data, int context, int head, int tensor) {
    /** The place on one axis. */
    public int along(Axis axis) {
        return switch (axis) {
            case DATA -> data;
            case CONTEXT -> context;
            case HEAD -> head;
            case TENSOR -> tensor;
        };
    }

    /** Whether what this rank adds up over its tokens counts in a sum over all ranks: tensor ranks share their tokens. */
    public boolean countsTokens() {
        return tensor == 0;
    }

    /** Whether what this rank adds up over its windows counts in a sum over all ranks: it is the first to see them. */
    public boolean countsWindows() {
        return context == 0 && head == 0 && tensor == 0;
    }
}
