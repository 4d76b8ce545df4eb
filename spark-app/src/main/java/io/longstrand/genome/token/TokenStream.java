package io.longstrand.genome.token;

import io.longstrand.genome.sequence.Strand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens of one record, strand and phase, whatever sequences they lie in, and where in bases each begins. Bases count
 * from the beginning of the strand. Safe to share between threads.
 */
public final class TokenStream {
    private static final int STRIDE = 1 << 12;

    /** A sequence of a shard that holds the stream's tokens from {@code firstToken} on. */
    record Part(TokenShardReader shard, int sequence, long firstToken, long tokens) {}

    private final int record;
    private final Strand strand;
    private final int phase;
    private final Tokenizer tokenizer;
    private final List<Part> parts;
    private final long tokens;
    // Base at which token i * STRIDE begins; only where widths vary, made on first use.
    private long[] bases = {};

    TokenStream(int record, Strand strand, int phase, Tokenizer tokenizer, List<Part> parts) {
        this.record = record;
        this.strand = strand;
        this.phase = phase;
        this.tokenizer = tokenizer;
        this.parts = List.copyOf(parts);
        this.tokens = parts.stream().mapToLong(Part::tokens).sum();
    }

    public int record() {
        return record;
    }

    public Strand strand() {
        return strand;
    }

    /** @return number of tokens */
    public long tokens() {
        return tokens;
    }

    /** Reads tokens {@code from} to {@code from + count} into {@code into[at..]}. */
    public void read(long from, int[] into, int at, int count) {
        if (from < 0 || count < 0 || from + count > tokens) {
            throw new IndexOutOfBoundsException("tokens " + from + " to " + (from + count) + " of " + tokens);
        }
        long next = from;
        long end = from + count;
        for (Part part : parts) {
            long partEnd = part.firstToken() + part.tokens();
            if (next < end && next < partEnd) {
                int step = (int) (Math.min(end, partEnd) - next);
                try {
                    part.shard().read(part.sequence(), next - part.firstToken(), into, at + (int) (next - from), step);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                next += step;
            }
        }
    }

    /** @return the base at which a token begins; for {@code token == tokens()}, where the last one ends */
    public long base(long token) {
        if (tokenizer.width() > 0) {
            return phase + token * tokenizer.width();
        }
        long[] index = baseIndex();
        int row = (int) (token / STRIDE);
        int[] row0 = new int[(int) (token - (long) row * STRIDE)];
        read((long) row * STRIDE, row0, 0, row0.length);
        long base = index[row];
        for (int each : row0) {
            base += tokenizer.bases(each);
        }
        return base;
    }

    /** @return the first token that begins at or after a base; {@code tokens()} when none does */
    public long tokenAt(long base) {
        if (tokenizer.width() > 0) {
            long token = Math.floorDiv(base - phase + tokenizer.width() - 1, tokenizer.width());
            return Math.max(0, Math.min(tokens, token));
        }
        long[] index = baseIndex();
        int found = Arrays.binarySearch(index, base);
        int row = Math.max(0, found >= 0 ? found : -found - 2);
        int[] rest = new int[(int) Math.min(STRIDE, tokens - (long) row * STRIDE)];
        read((long) row * STRIDE, rest, 0, rest.length);
        long token = (long) row * STRIDE;
        long at = index[row];
        for (int each : rest) {
            if (at >= base) {
                return token;
            }
            at += tokenizer.bases(each);
            token++;
        }
        return token;
    }

    private synchronized long[] baseIndex() {
        if (bases.length == 0) {
            long[] index = new long[Math.toIntExact(tokens / STRIDE + 1)];
            int[] piece = new int[STRIDE];
            long base = 0;
            for (int row = 0; row < index.length; row++) {
                index[row] = base;
                int count = (int) Math.min(STRIDE, tokens - (long) row * STRIDE);
                read((long) row * STRIDE, piece, 0, count);
                for (int i = 0; i < count; i++) {
                    base += tokenizer.bases(piece[i]);
                }
            }
            bases = index;
        }
        return bases;
    }
}
