package io.longstrand.comm;

/** A communicator that its {@link World} opened and closes. */
public interface Membership extends Communicator, AutoCloseable {
    @Override
    void close();
}
