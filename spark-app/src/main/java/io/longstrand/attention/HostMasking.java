package io.longstrand.attention;

import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;

/**
 * A rule whose partial tiles are made in host memory. They come to the same bits as those kernels compute from the rule.
 *
 * @param rule which keys a query sees
 * @param keptBytes host memory for tiles that are kept, at most
 */
public record HostMasking(MaskRule rule, long keptBytes) implements Masking {
    @Override
    public AttentionMask take(
            Backend backend, Arena device, Arena host, TileSize tile, int sequences, SequenceCut cut, int shard) {
        return new HostTiles(
                backend,
                device,
                host,
                (documentStart, queries, keys) -> new RangePattern(rule, documentStart, tile, queries, keys),
                rule,
                tile,
                sequences,
                cut,
                shard,
                partialTiles(tile, cut.shard()),
                keptBytes);
    }

    /**
     * Neither end of a rule's range ever falls from a query to the next, so over all tiles of queries the stretches that
     * only some queries of a tile see are together no longer than the sequence, at either end of the ranges. A stretch
     * lies in up to two tiles more than it is long. So it is when shards of queries and keys are taken out of it, in
     * their order. Where padding begins, one tile of queries may be partial all along.
     */
    private static long partialTiles(TileSize tile, int length) {
        return 3L * tile.keyTiles(length) + 4L * tile.queryTiles(length);
    }
}
