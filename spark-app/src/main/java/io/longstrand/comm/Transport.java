package io.longstrand.comm;

import java.util.concurrent.CompletableFuture;

/**
 * How messages get from rank to rank. A receiver asks for a message, whole or part by part, and only then is it sent:
 * nothing arrives for which there is no place. Both sides state the operation a message belongs to and its length; when
 * they differ, or a rank is lost, {@link #failure()} is reported on every rank and every future completes exceptionally.
 *
 * <p>Thread-safe. Ranks are numbers in the world.
 */
public interface Transport extends AutoCloseable {
    /** This rank. */
    int rank();

    /** Number of ranks. */
    int world();

    /** Where a rank runs, as messages call it. */
    String host(int rank);

    /** Tells a rank what this one begins, and expects to be told by one other rank what that one begins. */
    void announce(int peer, Operation operation);

    /**
     * Sends a message as the other side asks for it.
     *
     * @return completes when the source may be changed
     */
    CompletableFuture<Void> send(int peer, Message message, Region source);

    /**
     * Asks for a part of a message.
     *
     * @param bytes length of the whole message
     * @param offset first byte of the part
     * @param target where the part goes
     * @return completes when the part is there
     */
    CompletableFuture<Void> receive(int peer, Message message, long bytes, long offset, Region target);

    /** Ends communication on every rank. */
    void fail(Failure failure);

    /** What ended communication. */
    FirstFailure failure();

    /** Whether another rank has left: it takes part in nothing any more. */
    boolean hasLeft(int rank);

    /** Bytes sent beside the messages themselves, before encryption: headers, requests, announcements, heartbeats. */
    long overheadBytes();

    /** Leaves. Operations of other ranks that still need this one fail. */
    @Override
    void close();
}
