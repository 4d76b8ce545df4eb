package io.longstrand.comm;

/**
 * What a rank's operations of one kind came to.
 *
 * @param operations how many ended
 * @param bytesSent elements sent by this rank, in each transfer's own type, without headers
 * @param seconds how long they took, each from when it began to move data until its end
 */
public record Traffic(long operations, long bytesSent, double seconds) {
    /** Nothing yet. */
    public static final Traffic NONE = new Traffic(0, 0, 0);
}
