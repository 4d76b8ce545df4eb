package io.longstrand.comm;

/**
 * An operation in progress. Its tensors belong to it until {@link #await()} returns: what it reads must not be changed,
 * what it writes must not be read.
 */
public interface Pending {
    /**
     * Waits until it is done.
     *
     * @throws io.longstrand.config.RunFailure when a rank is lost, late or at odds with another: names the rank, its
     *     host and the operation that failed first
     */
    void await();

    /** Whether {@link #await()} returns or throws at once. */
    boolean isDone();
}
