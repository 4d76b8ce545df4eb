package io.longstrand.comm.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Every header and every payload is one record of AES-256-GCM under a key that belongs to one direction of one
 * connection. The record's number is its nonce: a record that is changed, left out, repeated or out of place does not
 * open.
 */
final class SealedWire implements Wire {
    /** Bytes that a record is longer than what it holds. */
    static final int TAG = 16;

    private static final int NONCE = 12;

    private final PlainWire wire;
    private final Direction writing;
    private final Direction reading;
    private final ByteBuffer sealedHeader = ByteBuffer.allocateDirect(Frame.HEADER + TAG);
    private final ByteBuffer arrivedHeader = ByteBuffer.allocateDirect(Frame.HEADER + TAG);
    private ByteBuffer sealed = ByteBuffer.allocateDirect(0);
    private ByteBuffer arrived = ByteBuffer.allocateDirect(0);

    SealedWire(SocketChannel channel, byte[] writingKey, byte[] readingKey) throws IOException {
        wire = new PlainWire(channel);
        writing = new Direction(Cipher.ENCRYPT_MODE, writingKey);
        reading = new Direction(Cipher.DECRYPT_MODE, readingKey);
    }

    @Override
    public void write(ByteBuffer header, ByteBuffer payload) throws IOException {
        sealedHeader.clear();
        writing.next(header, sealedHeader);
        sealed = sized(sealed, payload.hasRemaining() ? payload.remaining() + TAG : 0);
        if (payload.hasRemaining()) {
            writing.next(payload, sealed);
        }
        wire.write(sealedHeader.flip(), sealed.flip());
    }

    @Override
    public boolean readHeader(ByteBuffer header) throws IOException {
        if (!wire.readHeader(arrivedHeader.clear())) {
            return false;
        }
        reading.next(arrivedHeader.flip(), header);
        return true;
    }

    @Override
    public void readPayload(ByteBuffer payload) throws IOException {
        if (payload.hasRemaining()) {
            arrived = sized(arrived, payload.remaining() + TAG);
            wire.readPayload(arrived);
            reading.next(arrived.flip(), payload);
        }
    }

    @Override
    public void endWriting() throws IOException {
        wire.endWriting();
    }

    @Override
    public void endReading() throws IOException {
        wire.endReading();
    }

    @Override
    public void close() throws IOException {
        wire.close();
    }

    private static ByteBuffer sized(ByteBuffer buffer, int bytes) {
        ByteBuffer enough = buffer.capacity() < bytes ? ByteBuffer.allocateDirect(bytes) : buffer;
        return enough.clear().limit(bytes);
    }

    /** One direction: a key and the number of the next record. */
    private static final class Direction {
        private final int mode;
        private final SecretKeySpec key;
        private final Cipher cipher;
        private long record;

        Direction(int mode, byte[] key) throws IOException {
            this.mode = mode;
            this.key = new SecretKeySpec(key, "AES");
            try {
                cipher = Cipher.getInstance("AES/GCM/NoPadding");
            } catch (GeneralSecurityException missing) {
                throw new IOException("this Java has no AES-GCM", missing);
            }
        }

        void next(ByteBuffer from, ByteBuffer to) throws IOException {
            byte[] nonce =
                    ByteBuffer.allocate(NONCE).putInt(0).putLong(record++).array();
            try {
                cipher.init(mode, key, new GCMParameterSpec(TAG * Byte.SIZE, nonce));
                cipher.doFinal(from, to);
            } catch (GeneralSecurityException changed) {
                throw new IOException("what arrived is not what was sent", changed);
            }
        }
    }
}
