package io.longstrand.attention;

/**
 * A mask of your own: says of every pair of a query and a key of one sequence whether the query sees the key. Keys
 * behind the query are never seen, or the model would be shown what it is to predict.
 *
 * <p>For example, local attention with a few global tokens (Beltagy et al. 2020):
 *
 * <pre>{@code
 * package com.example;
 *
 * public final class LocalAndGlobal implements io.longstrand.attention.CustomMask {
 *     public boolean visible(int query, int key, int documentStart) {
 *         return key <= query && key >= documentStart && (query - key < 512 || key % 256 == 0);
 *     }
 * }
 * }</pre>
 *
 * <p>Compile it against the application and put it into a jar:
 *
 * <pre>{@code
 * javac -cp spark-app/target/longstrand/longstrand.jar -d classes LocalAndGlobal.java
 * jar --create --file mask.jar -C classes .
 * LONGSTRAND_JARS=mask.jar submit/longstrand train attention.mask.kind=custom attention.mask.placement=host \
 *     attention.mask.rule=com.example.LocalAndGlobal
 * }</pre>
 *
 * <p>With a Spark distribution the launcher hands {@code LONGSTRAND_JARS} to {@code spark-submit --jars}, which brings
 * them to every executor. Who calls {@code spark-submit} without the launcher names them there.
 *
 * <p>The class is public and has a public constructor without parameters. Several threads ask it at once, in no order
 * that can be relied on, and may ask again what they asked before: the answer depends on the arguments alone, and the
 * same class gives the same model. The keys a query sees need not be adjacent. A query that sees no key gives 0 and
 * takes no gradient.
 */
public interface CustomMask {
    /**
     * Whether a query sees a key. Positions are counted from the start of the sequence, in tokens. Only real tokens are
     * asked for: padding sees nothing and is not seen.
     *
     * @param query position of the query
     * @param key position of the key; beyond the query only by less than a tile, where the answer must be false
     * @param documentStart position at which the query's document starts: keys before it belong to other records
     */
    boolean visible(int query, int key, int documentStart);

    /**
     * What is certain of a whole tile: FULL or EMPTY saves asking for each of its pairs, PARTIAL is always right.
     *
     * @param tile which pairs
     */
    default TileCoverage coverage(Pairs tile) {
        return TileCoverage.PARTIAL;
    }

    /**
     * The pairs of a tile: queries {@code firstQuery} to {@code endQuery} with keys {@code firstKey} to {@code endKey},
     * ends exclusive.
     *
     * @param firstDocumentStart lowest position at which a document of these queries starts
     * @param lastDocumentStart highest such position
     */
    record Pairs(
            int firstQuery, int endQuery, int firstKey, int endKey, int firstDocumentStart, int lastDocumentStart) {}
}
