package io.longstrand.attention;

/**
 * A tile of scores over keys {@code from} to {@code to}.
 *
 * @param from a multiple of {@link TileSize#STEP}
 */
public record ScoreTile(Queries queries, int from, int to, TileCoverage coverage) {
    int keys() {
        return to - from;
    }
}
