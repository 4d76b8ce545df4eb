package io.longstrand.attention;

import io.longstrand.config.UserError;
import java.util.Arrays;

/**
 * Asks a user's rule pair by pair. What it throws becomes one line for the user.
 *
 * @param setting {@code key = value}, for messages
 */
record AskedPairs(CustomMask mask, String setting) implements PairSource {
    @Override
    public TileCoverage coverage(CustomMask.Pairs tile) {
        TileCoverage coverage;
        try {
            coverage = mask.coverage(tile);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            throw thrown(e, tile.toString());
        }
        if (coverage == null) {
            throw new UserError(setting + ": coverage is null for " + tile + "; right are FULL, EMPTY and PARTIAL");
        }
        if (coverage == TileCoverage.FULL && tile.endKey() - 1 > tile.firstQuery()) {
            throw ahead(tile.firstQuery(), tile.endKey() - 1);
        }
        return coverage;
    }

    @Override
    public void row(int query, int documentStart, int from, int to, int[] words) {
        Arrays.fill(words, 0);
        int key = from;
        try {
            for (; key < to; key++) {
                if (mask.visible(query, key, documentStart)) {
                    words[(key - from) / Integer.SIZE] |= 1 << (key - from) % Integer.SIZE;
                    if (key > query) {
                        throw ahead(query, key);
                    }
                }
            }
        } catch (UserError e) {
            throw e;
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError e) {
            throw thrown(e, "query " + query + ", key " + key);
        }
    }

    private UserError thrown(Throwable thrown, String where) {
        return new UserError(setting + ": threw " + thrown + " at " + where, thrown);
    }

    private UserError ahead(int query, int key) {
        return new UserError(
                setting + ": query " + query + " sees key " + key
                        + ", which comes after it and holds what the model is to predict; right are keys up to the query's own");
    }
}
