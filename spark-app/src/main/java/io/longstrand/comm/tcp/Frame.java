package io.longstrand.comm.tcp;

import io.longstrand.comm.Message;
import io.longstrand.comm.Operation;
import io.longstrand.comm.OperationKind;
import io.longstrand.tensor.DataType;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * The header of what one rank sends another at once.
 *
 * @param kind what it is
 * @param key the operation it belongs to
 * @param work what the sender of the frame thinks that operation does
 * @param index of the message within the operation
 * @param bytes length of the whole message
 * @param offset where in the message the bytes at hand begin
 * @param length number of bytes at hand: those asked for, or those that follow the header
 */
record Frame(Kind kind, Operation.Key key, Operation.Work work, int index, long bytes, long offset, long length) {
    /** Bytes of a header. */
    static final int HEADER = 80;

    /** Most bytes of a message that follow one header. */
    static final int PIECE = 1 << 20;

    /** Most bytes of a failure's text. */
    static final int MOST_TEXT = 1 << 13;

    private static final int MAGIC = 0x4C535446;
    private static final Operation.Key NO_KEY = new Operation.Key(0, 0, false);
    private static final Operation.Work NO_WORK =
            new Operation.Work(OperationKind.SEND_RECEIVE, DataType.FLOAT32, 0, -1);

    /** What a frame is. */
    enum Kind {
        /** Part of a message. */
        DATA,
        /** Asks for part of a message. */
        REQUEST,
        /** Says what operation the rank begins. */
        ANNOUNCEMENT,
        /** A sign of life. */
        HEARTBEAT,
        /** Says what failed; its text follows. */
        FAILURE,
        /** Nothing more will come. */
        GOODBYE
    }

    static Frame heartbeat() {
        return new Frame(Kind.HEARTBEAT, NO_KEY, NO_WORK, 0, 0, 0, 0);
    }

    static Frame goodbye() {
        return new Frame(Kind.GOODBYE, NO_KEY, NO_WORK, 0, 0, 0, 0);
    }

    static Frame failure(int textBytes) {
        return new Frame(Kind.FAILURE, NO_KEY, NO_WORK, 0, textBytes, 0, textBytes);
    }

    static Frame announcement(Operation operation) {
        return new Frame(Kind.ANNOUNCEMENT, operation.key(), operation.work(), 0, 0, 0, 0);
    }

    static Frame part(Kind kind, Message message, long bytes, long offset, long length) {
        Operation operation = message.operation();
        return new Frame(kind, operation.key(), operation.work(), message.index(), bytes, offset, length);
    }

    /** What both sides know the message by. */
    Message.Key message() {
        return new Message.Key(key, index);
    }

    /** Bytes that follow the header. */
    int payload() {
        return kind == Kind.DATA || kind == Kind.FAILURE ? (int) length : 0;
    }

    /** Writes it. @param run a digest of the run's name */
    void write(ByteBuffer to, long run) {
        to.putInt(MAGIC)
                .put((byte) kind.ordinal())
                .put((byte) work.kind().ordinal())
                .put((byte) work.type().ordinal())
                .put((byte) (key.pointToPoint() ? 1 : 0))
                .putLong(run)
                .putLong(key.group())
                .putLong(key.number())
                .putInt(index)
                .putInt(work.root())
                .putLong(work.elements())
                .putLong(bytes)
                .putLong(offset)
                .putLong(length)
                .putLong(0);
    }

    /**
     * Reads one.
     *
     * @throws ProtocolException when it is no frame of this run, or states a length that is not possible
     */
    static Frame read(ByteBuffer from, long run) throws ProtocolException {
        int magic = from.getInt();
        int kind = from.get();
        int operation = from.get();
        int type = from.get();
        boolean pointToPoint = from.get() == 1;
        if (magic != MAGIC
                || from.getLong() != run
                || outside(kind, Kind.values().length)
                || outside(operation, OperationKind.values().length)
                || outside(type, DataType.values().length)) {
            throw new ProtocolException("it sent what is no frame of this run");
        }
        Operation.Key key = new Operation.Key(from.getLong(), from.getLong(), pointToPoint);
        int index = from.getInt();
        int root = from.getInt();
        Operation.Work work =
                new Operation.Work(OperationKind.values()[operation], DataType.values()[type], from.getLong(), root);
        Frame frame = new Frame(Kind.values()[kind], key, work, index, from.getLong(), from.getLong(), from.getLong());
        frame.requirePossible();
        return frame;
    }

    private void requirePossible() throws ProtocolException {
        long most = kind == Kind.DATA ? PIECE : kind == Kind.FAILURE ? MOST_TEXT : bytes;
        if (bytes < 0 || offset < 0 || length < 0 || length > most || offset > bytes - length) {
            throw new ProtocolException("it sent a frame of " + length + " bytes at " + offset + " of " + bytes
                    + " where " + most + " are possible");
        }
    }

    private static boolean outside(int ordinal, int count) {
        return ordinal < 0 || ordinal >= count;
    }
}
