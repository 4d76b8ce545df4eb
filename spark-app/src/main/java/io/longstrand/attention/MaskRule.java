package io.longstrand.attention;

import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;

/**
 * Which keys a query sees, as one range {@code [firstKey, endKey)}. Positions are counted from the start of the
 * sequence. Within a sequence neither end ever falls from a query to the next.
 */
public sealed interface MaskRule extends Masking {
    /** Masks that kernels compute from the ranges themselves. */
    @Override
    default AttentionMask take(
            Backend backend, Arena device, Arena host, TileSize tile, int sequences, SequenceCut cut, int shard) {
        return new KeyRanges(backend.kernels(), device, host, this, tile, sequences, cut, shard);
    }

    /**
     * First key a query sees.
     *
     * @param query position of the query
     * @param documentStart position at which the query's document starts
     */
    int firstKey(int query, int documentStart);

    /** One past the last key a query sees. */
    int endKey(int query, int documentStart);

    /** A query sees itself and everything before it. */
    record Causal() implements MaskRule {
        @Override
        public int firstKey(int query, int documentStart) {
            return 0;
        }

        @Override
        public int endKey(int query, int documentStart) {
            return query + 1;
        }
    }

    /**
     * A query sees itself and the tokens shortly before it, of its own document only (Beltagy et al. 2020).
     *
     * @param tokens how many keys a query sees at most, itself included
     */
    record Window(int tokens) implements MaskRule {
        public Window {
            if (tokens < 1) {
                throw new IllegalArgumentException("a window of " + tokens + " tokens");
            }
        }

        @Override
        public int firstKey(int query, int documentStart) {
            return Math.max(documentStart, query - tokens + 1);
        }

        @Override
        public int endKey(int query, int documentStart) {
            return query + 1;
        }
    }

    /** Causal inside a document: records packed into one sequence never see each other. */
    record Document() implements MaskRule {
        @Override
        public int firstKey(int query, int documentStart) {
            return documentStart;
        }

        @Override
        public int endKey(int query, int documentStart) {
            return query + 1;
        }
    }
}
