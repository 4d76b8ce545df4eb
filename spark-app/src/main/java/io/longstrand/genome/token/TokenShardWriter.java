package io.longstrand.genome.token;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one token shard: the {@code .bin} and {@code .idx} of a Megatron-LM indexed dataset ({@code MMIDIDX} version 1,
 * megatron/core/datasets/indexed_dataset.py). A document is a record; its streams (phases, strands) are written at the
 * same time and lie behind each other in the file as its sequences. Streams after the first wait in spools that
 * spill to disk, so memory does not grow with the record.
 *
 * <p>Use: {@code beginDocument}, any number of {@code append}, {@code endDocument}, …, {@code close}. The streams given
 * are the caller's to publish; closing this closes them.
 */
public final class TokenShardWriter implements AutoCloseable {
    /** Sequence lengths are int32 in the format; a longer stream becomes several sequences. */
    public static final long LONGEST_SEQUENCE = 1L << 30;

    private static final byte[] MAGIC = "MMIDIDX\0\0".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream data;
    private final OutputStream index;
    private final TokenType type;
    private final Path spoolDirectory;
    private final long longestSequence;
    private final LongList lengths = new LongList();
    private final LongList documentEnds = new LongList();
    /** Of the streams after the first; used again for every document. */
    private final List<TokenSpool> spools = new ArrayList<>();

    private long[] counts = {};
    private byte[] bytes = {};

    /**
     * @param data receives the {@code .bin}
     * @param index receives the {@code .idx}, on close
     * @param spoolDirectory a local directory for the temporary files of long records
     */
    public TokenShardWriter(OutputStream data, OutputStream index, TokenType type, Path spoolDirectory) {
        this(data, index, type, spoolDirectory, LONGEST_SEQUENCE);
    }

    TokenShardWriter(OutputStream data, OutputStream index, TokenType type, Path spoolDirectory, long longestSequence) {
        this.data = new BufferedOutputStream(data, 1 << 16);
        this.index = new BufferedOutputStream(index, 1 << 16);
        this.type = type;
        this.spoolDirectory = spoolDirectory;
        this.longestSequence = longestSequence;
        documentEnds.add(0);
    }

    /** @param streams how many token streams the record has, at least 1 */
    public void beginDocument(int streams) throws IOException {
        counts = new long[streams];
        while (spools.size() < streams - 1) {
            spools.add(new TokenSpool(spoolDirectory));
        }
    }

    /** Appends {@code tokens[from..to)} to a stream of the open document. */
    public void append(int stream, int[] tokens, int from, int to) throws IOException {
        int width = type.bytes();
        int length = (to - from) * width;
        if (bytes.length < length) {
            bytes = new byte[length];
        }
        if (width == 1) {
            for (int i = from; i < to; i++) {
                bytes[i - from] = (byte) tokens[i];
            }
        } else {
            for (int i = from; i < to; i++) {
                type.put(tokens[i], bytes, (i - from) * width);
            }
        }
        if (stream == 0) {
            data.write(bytes, 0, length);
        } else {
            spools.get(stream - 1).write(bytes, length);
        }
        counts[stream] += to - from;
    }

    /** @return where each stream's tokens are, in stream order; a stream without tokens is one empty sequence */
    public List<WrittenSequence> endDocument() throws IOException {
        for (int stream = 1; stream < counts.length; stream++) {
            spools.get(stream - 1).drainTo(data);
        }
        List<WrittenSequence> written = new ArrayList<>();
        for (int stream = 0; stream < counts.length; stream++) {
            long first = 0;
            do {
                long length = Math.min(longestSequence, counts[stream] - first);
                written.add(new WrittenSequence(stream, first, length, lengths.size()));
                lengths.add(length);
                first += length;
            } while (first < counts[stream]);
        }
        documentEnds.add(lengths.size());
        counts = new long[0];
        return written;
    }

    /** Writes the index and closes both files. */
    @Override
    public void close() throws IOException {
        try (data;
                index) {
            for (TokenSpool spool : spools) {
                spool.close();
            }
            writeIndex();
        }
    }

    private void writeIndex() throws IOException {
        ByteBuffer head = ByteBuffer.allocate(34).order(ByteOrder.LITTLE_ENDIAN);
        head.put(MAGIC)
                .putLong(1)
                .put((byte) type.code())
                .putLong(lengths.size())
                .putLong(documentEnds.size());
        index.write(head.array());
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < lengths.size(); i++) {
            index.write(number.putInt(0, (int) lengths.get(i)).array(), 0, 4);
        }
        long pointer = 0;
        for (int i = 0; i < lengths.size(); i++) {
            index.write(number.putLong(0, pointer).array());
            pointer += lengths.get(i) * type.bytes();
        }
        for (int i = 0; i < documentEnds.size(); i++) {
            index.write(number.putLong(0, documentEnds.get(i)).array());
        }
    }
}
