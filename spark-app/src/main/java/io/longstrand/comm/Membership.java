package io.longstrand.comm;

/** A communicator that its {@link World} opened and closes. */
interface Membership extends Communicator, AutoCloseable {
    @Override
    void close();
}
