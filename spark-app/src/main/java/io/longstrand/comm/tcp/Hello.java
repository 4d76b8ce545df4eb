package io.longstrand.comm.tcp;

import java.nio.ByteBuffer;

/**
 * What a connecting rank says about itself and the connection. Both sides prove that they read the same.
 *
 * @param from connecting rank
 * @param to rank it means to reach
 * @param world number of ranks
 * @param stream number of the connection between the two; 0 is control
 * @param streams number of data connections
 * @param encrypted whether frames will be encrypted
 */
record Hello(int from, int to, int world, int stream, int streams, boolean encrypted) {
    /** Bytes of the written form. */
    static final int BYTES = 6 * Integer.BYTES;

    byte[] written() {
        return ByteBuffer.allocate(BYTES)
                .putInt(from)
                .putInt(to)
                .putInt(world)
                .putInt(stream)
                .putInt(streams)
                .putInt(encrypted ? 1 : 0)
                .array();
    }

    static Hello read(byte[] written) {
        ByteBuffer bytes = ByteBuffer.wrap(written);
        return new Hello(
                bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt(), bytes.getInt() != 0);
    }
}
