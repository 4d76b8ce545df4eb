package io.longstrand.genome.token;

import io.longstrand.genome.sequence.Strand;

/**
 * Reads prepared data back as bases, so that whoever needs bases (baselines, the leak check, scoring) needs no genome
 * file. Letters other than A, C, G, T, and with k-mers the up to k - 1 bases that share every token with one, come back
 * as {@link Nucleotide#UNKNOWN}.
 */
public final class BaseReader {
    private final PreparedData data;

    public BaseReader(PreparedData data) {
        this.data = data;
    }

    /**
     * Reads bases of the forward strand in the phase of the first one.
     *
     * @return codes 0..3 or {@link Nucleotide#UNKNOWN}, {@code to - from} of them; at most 2^31 - 1 at a time
     */
    public byte[] read(int record, long from, long to) {
        Tokenizer tokenizer = data.tokenizer();
        byte[] codes = new byte[Math.toIntExact(to - from)];
        java.util.Arrays.fill(codes, Nucleotide.UNKNOWN);
        int phase = tokenizer.phases() > 1 ? (int) (from % tokenizer.width()) : 0;
        TokenStream stream = data.stream(record, Strand.FORWARD, phase);
        long first = stream.tokenAt(from);
        if (first > 0 && stream.base(first) > from) {
            first--;
        }
        long at = stream.base(first);
        int[] tokens = new int[1 << 14];
        byte[] word = new byte[64];
        while (at < to && first < stream.tokens()) {
            int count = (int) Math.min(tokens.length, stream.tokens() - first);
            if (tokenizer.width() > 0) {
                count = (int) Math.min(count, (to - at + tokenizer.width() - 1) / tokenizer.width());
            }
            stream.read(first, tokens, 0, count);
            first += count;
            for (int i = 0; i < count && at < to; i++) {
                int bases = tokenizer.bases(tokens[i]);
                if (bases > word.length) {
                    word = new byte[bases];
                }
                tokenizer.decode(tokens[i], word, 0);
                for (int base = 0; base < bases; base++, at++) {
                    if (at >= from && at < to) {
                        codes[(int) (at - from)] = word[base];
                    }
                }
            }
        }
        if (at < to && tokenizer.phases() > 1 && to >= tokenizer.width()) {
            // Less than a token is left of the record: the token that ends with it lies in another phase.
            long start = to - tokenizer.width();
            int[] last = new int[1];
            int lastPhase = (int) (start % tokenizer.width());
            data.stream(record, Strand.FORWARD, lastPhase).read(start / tokenizer.width(), last, 0, 1);
            tokenizer.decode(last[0], word, 0);
            for (; at < to; at++) {
                if (at >= from) {
                    codes[(int) (at - from)] = word[(int) (at - start)];
                }
            }
        }
        return codes;
    }
}
