package io.longstrand.comm;

/**
 * One of the messages of an operation from one rank to another.
 *
 * @param operation what it belongs to
 * @param index tells apart the messages between the same two ranks
 */
public record Message(Operation operation, int index) {
    /**
     * What a message is known by on both sides.
     *
     * @param operation see {@link Operation#key()}
     * @param index see {@link Message#index}
     */
    public record Key(Operation.Key operation, int index) {}

    /** What the other side knows it by. */
    public Key key() {
        return new Key(operation.key(), index);
    }
}
