package io.longstrand.comm.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One connection as a sequence of headers and payloads. One thread writes, one reads. */
interface Wire {
    /** Writes all of a header and of its payload, which may be empty. */
    void write(ByteBuffer header, ByteBuffer payload) throws IOException;

    /**
     * Fills a header.
     *
     * @return false when the connection ended before its first byte
     * @throws IOException when it ended within, or what arrived is not what was sent
     */
    boolean readHeader(ByteBuffer header) throws IOException;

    /** Fills a payload. @throws IOException as above */
    void readPayload(ByteBuffer payload) throws IOException;

    /** Writes nothing more; the other side still may. */
    void endWriting() throws IOException;

    /** Wakes a reader that waits; nothing more is read. */
    void endReading() throws IOException;

    /** Ends the connection. */
    void close() throws IOException;
}
