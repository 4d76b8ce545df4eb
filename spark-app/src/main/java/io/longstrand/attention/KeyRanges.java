package io.longstrand.attention;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;

/**
 * The keys every query of a batch sees, as one half-open range each, computed in host memory once per batch and copied
 * to the device. Tiles of scores are classified from the host's copy, so no mask of length × length ever exists.
 */
public final class KeyRanges {
    /** How a tile of scores is masked. */
    public enum Tile {
        /** Every query sees every key. */
        FULL,
        /** No query sees any key: the tile is skipped. */
        EMPTY,
        /** Some pairs are visible. */
        PARTIAL
    }

    private final Kernels kernels;
    private final int sequences;
    private final int length;
    // Made when a sequence is put: a rehearsal puts none, and may be of any length.
    private int[] first = new int[0];
    private int[] end = new int[0];
    private final Tensor hostFirst;
    private final Tensor hostEnd;
    private final Tensor deviceFirst;
    private final Tensor deviceEnd;

    /**
     * Takes the buffers; the ranges are undefined until {@link #send}.
     *
     * @param owner whom the bytes are accounted to
     * @param sequences sequences of a batch
     * @param length tokens of one sequence
     */
    public KeyRanges(Kernels kernels, Arena device, Arena host, String owner, int sequences, int length) {
        this.kernels = kernels;
        this.sequences = sequences;
        this.length = length;
        int tokens = Math.multiplyExact(sequences, length);
        hostFirst = host.allocate(owner, DataType.INT32, 1, tokens);
        hostEnd = host.allocate(owner, DataType.INT32, 1, tokens);
        deviceFirst = device.allocate(owner, DataType.INT32, 1, tokens);
        deviceEnd = device.allocate(owner, DataType.INT32, 1, tokens);
    }

    /** Sequences of the batch. */
    public int sequences() {
        return sequences;
    }

    /** Tokens of one sequence. */
    public int length() {
        return length;
    }

    /**
     * Sets the ranges of one sequence.
     *
     * @param documentStart of each token; its length, at most {@link #length()}, is the number of real tokens. What
     *     follows is padding: it sees nothing and, because every rule is causal, nothing sees it
     */
    public void put(int sequence, MaskRule rule, int[] documentStart) {
        if (first.length == 0) {
            first = new int[sequences * length];
            end = new int[sequences * length];
        }
        int offset = sequence * length;
        for (int query = 0; query < length; query++) {
            boolean real = query < documentStart.length;
            first[offset + query] = real ? rule.firstKey(query, documentStart[query]) : 0;
            end[offset + query] = real ? rule.endKey(query, documentStart[query]) : 0;
        }
    }

    /** Copies the ranges to the device. */
    public void send() {
        if (first.length > 0) {
            hostFirst.hostBytes().asIntBuffer().put(first);
            hostEnd.hostBytes().asIntBuffer().put(end);
        }
        kernels.copy(hostFirst, deviceFirst);
        kernels.copy(hostEnd, deviceEnd);
    }

    /** Whether every query of every sequence sees all keys up to its own and no other. */
    boolean causal() {
        if (first.length == 0) {
            return false;
        }
        for (int token = 0; token < first.length; token++) {
            if (first[token] != 0 || end[token] != token % length + 1) {
                return false;
            }
        }
        return true;
    }

    /** Visible query–key pairs of the whole batch, for one head. */
    public long pairs() {
        long pairs = 0;
        for (int token = 0; token < first.length; token++) {
            pairs += Math.max(0, end[token] - first[token]);
        }
        return pairs;
    }

    /** The keys that at least one of the queries {@code from} to {@code to} of a sequence sees lie in this span. */
    Span span(int sequence, int from, int to) {
        int lowest = Integer.MAX_VALUE;
        int highestFirst = 0;
        int lowestEnd = Integer.MAX_VALUE;
        int highest = 0;
        for (int token = sequence * length + from; token < sequence * length + to; token++) {
            highestFirst = Math.max(highestFirst, first[token]);
            lowestEnd = Math.min(lowestEnd, end[token]);
            if (first[token] < end[token]) {
                lowest = Math.min(lowest, first[token]);
                highest = Math.max(highest, end[token]);
            }
        }
        return new Span(Math.min(lowest, highest), highest, highestFirst, lowestEnd);
    }

    /** The mask of a partial tile. */
    TileMask mask(int sequence, int from, int to, int tileStart) {
        long offset = (long) sequence * length;
        return new TileMask.Ranges(
                deviceFirst.columns(offset + from, offset + to),
                deviceEnd.columns(offset + from, offset + to),
                tileStart);
    }

    /**
     * What a tile of queries sees.
     *
     * @param first lowest key seen by any of them
     * @param end one past the highest key seen by any of them; not above {@code first} when none sees any
     * @param commonFirst from this key on all of them see …
     * @param commonEnd … every key below this one
     */
    record Span(int first, int end, int commonFirst, int commonEnd) {
        /** The class of the tile over keys {@code from} to {@code to}. */
        Tile tile(int from, int to) {
            if (to <= first || from >= end) {
                return Tile.EMPTY;
            }
            return from >= commonFirst && to <= commonEnd ? Tile.FULL : Tile.PARTIAL;
        }
    }
}
