package io.longstrand.comm.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** What is sent travels as it is: straight from and to the memory of tensors. */
final class PlainWire implements Wire {
    private final SocketChannel channel;

    PlainWire(SocketChannel channel) {
        this.channel = channel;
    }

    @Override
    public void write(ByteBuffer header, ByteBuffer payload) throws IOException {
        ByteBuffer[] both = {header, payload};
        while (header.hasRemaining() || payload.hasRemaining()) {
            channel.write(both);
        }
    }

    @Override
    public boolean readHeader(ByteBuffer header) throws IOException {
        int got = channel.read(header);
        if (got < 0) {
            return false;
        }
        readPayload(header);
        return true;
    }

    @Override
    public void readPayload(ByteBuffer payload) throws IOException {
        while (payload.hasRemaining()) {
            if (channel.read(payload) < 0) {
                throw new EOFException("its connection ended within a frame");
            }
        }
    }

    @Override
    public void endWriting() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void endReading() throws IOException {
        channel.shutdownInput();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
