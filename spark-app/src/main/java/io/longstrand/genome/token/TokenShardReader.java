package io.longstrand.genome.token;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.RandomAccessInput;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads one token shard, a Megatron-LM indexed dataset, at any place: sequences by index, tokens by offset. Only the
 * index is held in memory. Safe to share between threads.
 */
public final class TokenShardReader implements Closeable {
    private static final int HEAD = 34;
    private static final byte[] MAGIC = {'M', 'M', 'I', 'D', 'I', 'D', 'X', 0, 0};

    private final String dataPath;
    private final RandomAccessInput data;
    private final TokenType type;
    private final int[] lengths;
    private final long[] pointers;
    private final long[] documentEnds;

    private TokenShardReader(
            String dataPath,
            RandomAccessInput data,
            TokenType type,
            int[] lengths,
            long[] pointers,
            long[] documentEnds) {
        this.dataPath = dataPath;
        this.data = data;
        this.type = type;
        this.lengths = lengths;
        this.pointers = pointers;
        this.documentEnds = documentEnds;
    }

    /**
     * @param dataPath the {@code .bin}
     * @param indexPath the {@code .idx}
     * @throws UserError naming file and byte when the index is malformed or does not fit the data
     */
    public static TokenShardReader open(FileStore store, String dataPath, String indexPath) throws IOException {
        long indexLength = store.length(indexPath);
        byte[] head = new byte[HEAD];
        try (RandomAccessInput index = store.openRandomAccess(indexPath)) {
            if (indexLength < HEAD) {
                throw new UserError(indexPath + ": " + indexLength + " bytes are too few for an indexed dataset; its "
                        + "head has " + HEAD);
            }
            index.readFully(0, head, 0, HEAD);
            for (int i = 0; i < MAGIC.length; i++) {
                if (head[i] != MAGIC[i]) {
                    throw new UserError(
                            indexPath + ": byte " + i + ": not an indexed dataset, which begins with MMIDIDX");
                }
            }
            ByteBuffer numbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
            if (numbers.getLong(9) != 1) {
                throw new UserError(
                        indexPath + ": byte 9: version " + numbers.getLong(9) + " of the format; it should be 1");
            }
            TokenType type = TokenType.ofCode(head[17] & 0xff, indexPath);
            long sequences = numbers.getLong(18);
            long documents = numbers.getLong(26);
            if (sequences < 0
                    || documents < 1
                    || sequences > Integer.MAX_VALUE
                    || documents > Integer.MAX_VALUE
                    || HEAD + 12 * sequences + 8 * documents != indexLength) {
                throw new UserError(indexPath + ": " + indexLength + " bytes do not fit " + sequences
                        + " sequences and " + documents + " document bounds; the file is damaged");
            }
            int[] lengths = new int[(int) sequences];
            long[] pointers = new long[(int) sequences];
            long[] documentEnds = new long[(int) documents];
            NumberReader reader = new NumberReader(index);
            for (int i = 0; i < lengths.length; i++) {
                lengths[i] = (int) reader.next(4);
            }
            for (int i = 0; i < pointers.length; i++) {
                pointers[i] = reader.next(8);
            }
            for (int i = 0; i < documentEnds.length; i++) {
                documentEnds[i] = reader.next(8);
            }
            long dataLength = store.length(dataPath);
            for (int i = 0; i < lengths.length; i++) {
                if (lengths[i] < 0 || pointers[i] < 0 || pointers[i] > dataLength - (long) lengths[i] * type.bytes()) {
                    throw new UserError(indexPath + ": sequence " + i + " (" + lengths[i] + " tokens at byte "
                            + pointers[i] + ") does not lie inside " + dataPath + " (" + dataLength + " bytes)");
                }
            }
            return new TokenShardReader(
                    dataPath, store.openRandomAccess(dataPath), type, lengths, pointers, documentEnds);
        }
    }

    public TokenType type() {
        return type;
    }

    public int sequences() {
        return lengths.length;
    }

    /** @return tokens of a sequence */
    public int length(int sequence) {
        return lengths[sequence];
    }

    public int documents() {
        return documentEnds.length - 1;
    }

    /** @return index of a document's first sequence; of {@link #documents()}, the number of sequences */
    public long firstSequence(int document) {
        return documentEnds[document];
    }

    /** Reads {@code count} tokens of a sequence from its token {@code from} on into {@code tokens[at..]}. */
    public void read(int sequence, long from, int[] tokens, int at, int count) throws IOException {
        if (from < 0 || from + count > lengths[sequence]) {
            throw new IndexOutOfBoundsException("tokens " + from + " to " + (from + count) + " of sequence " + sequence
                    + " of " + dataPath + ", which has " + lengths[sequence]);
        }
        int width = type.bytes();
        byte[] bytes = new byte[(int) Math.min((long) count * width, 1 << 20)];
        int done = 0;
        while (done < count) {
            int step = Math.min(count - done, bytes.length / width);
            data.readFully(pointers[sequence] + (from + done) * width, bytes, 0, step * width);
            for (int i = 0; i < step; i++) {
                tokens[at + done + i] = width == 1 ? bytes[i] & 0xff : type.get(bytes, i * width);
            }
            done += step;
        }
    }

    @Override
    public void close() throws IOException {
        data.close();
    }

    /** Little-endian numbers behind the head, read in pieces. */
    private static final class NumberReader {
        private final RandomAccessInput input;
        private final byte[] piece = new byte[1 << 16];
        private long position = HEAD;
        private int at;
        private int end;

        NumberReader(RandomAccessInput input) {
            this.input = input;
        }

        long next(int bytes) throws IOException {
            long number = 0;
            for (int i = 0; i < bytes; i++) {
                if (at == end) {
                    end = (int) Math.min(piece.length, input.length() - position);
                    input.readFully(position, piece, 0, end);
                    position += end;
                    at = 0;
                }
                number |= (piece[at++] & 0xffL) << 8 * i;
            }
            return number;
        }
    }
}
