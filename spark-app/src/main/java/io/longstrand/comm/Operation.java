package io.longstrand.comm;

import io.longstrand.tensor.DataType;

/**
 * One operation as one rank sees it.
 *
 * @param group who takes part
 * @param number counts a group's operations from 0; for send/receive those from one rank to another
 * @param work what it does; ranks that disagree are stopped
 */
public record Operation(Group group, long number, Work work) {
    /** Element count of operations whose ranks may differ in it: each of their messages is checked by itself. */
    public static final long VARYING = -1;

    /**
     * What an operation does.
     *
     * @param kind which operation
     * @param type of the elements
     * @param elements length of the whole vector, or {@link #VARYING}
     * @param root rank of the world that gives, or −1 where all are equal
     */
    public record Work(OperationKind kind, DataType type, long elements, int root) {
        @Override
        public String toString() {
            return kind.title() + " of " + (elements == VARYING ? "" : elements + " ") + type
                    + (root < 0 ? "" : " from rank " + root);
        }
    }

    /**
     * What makes an operation the same one on every rank, whatever each thinks it does.
     *
     * @param group its group
     * @param number see {@link Operation#number}
     * @param pointToPoint send/receive counts apart from collective operations
     */
    public record Key(long group, long number, boolean pointToPoint) {}

    /** What other ranks know it by. */
    public Key key() {
        return new Key(group.id(), number, work.kind() == OperationKind.SEND_RECEIVE);
    }

    @Override
    public String toString() {
        return work.kind().title() + " " + number + " of group " + group.name();
    }
}
