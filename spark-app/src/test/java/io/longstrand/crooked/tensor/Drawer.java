package io.longstrand.crooked.tensor;

/** Holds a class that is a drawer by its name. */
public record Drawer(int contents) {
    /** The drawer. */
    public record Utils(int contents) {}
}
