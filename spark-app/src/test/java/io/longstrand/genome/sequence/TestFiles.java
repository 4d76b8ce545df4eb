package io.longstrand.genome.sequence;

import io.longstrand.storage.FileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Sequence files as tests need them: small, and cut at awkward places. */
final class TestFiles {
    private TestFiles() {}

    static FileStore store() {
        try {
            return FileStore.local();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String write(Path path, byte[] bytes) throws IOException {
        Files.write(path, bytes);
        return path.toString();
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(output)) {
            gzip.write(bytes);
        }
        return output.toByteArray();
    }

    /** BGZF with blocks of a few bytes, so that small inputs have many. */
    static byte[] bgzf(byte[] bytes, int blockBytes) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length; at += blockBytes) {
            output.writeBytes(block(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + blockBytes))));
        }
        output.writeBytes(HexFormat.of().parseHex("1f8b08040000000000ff0600424302001b0003000000000000000000"));
        return output.toByteArray();
    }

    private static byte[] block(byte[] bytes) {
        Deflater deflater = new Deflater(6, true);
        deflater.setInput(bytes);
        deflater.finish();
        byte[] deflated = new byte[bytes.length + 64];
        int length = deflater.deflate(deflated);
        deflater.end();
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        ByteBuffer block = ByteBuffer.allocate(18 + length + 8).order(ByteOrder.LITTLE_ENDIAN);
        block.put(HexFormat.of().parseHex("1f8b08040000000000ff060042430200"));
        block.putShort((short) (block.capacity() - 1));
        block.put(deflated, 0, length);
        block.putInt((int) checksum.getValue()).putInt(bytes.length);
        return block.array();
    }
}
