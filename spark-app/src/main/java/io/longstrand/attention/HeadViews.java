package io.longstrand.attention;

import io.longstrand.tensor.Tensor;

/**
 * Parts of tensors over all tokens and heads that belong to one tile of one head.
 *
 * @param queries tokens of a sequence among the queries
 * @param keys tokens of a sequence among the keys
 */
record HeadViews(AttentionShape shape, TileSize tile, int queries, int keys) {
    static HeadViews of(AttentionShape shape, BlockMask mask) {
        return new HeadViews(shape, mask.tile(), mask.queries(), mask.keys());
    }

    /** The tile of queries of a number. */
    Queries queries(int sequence, int head, int index) {
        int from = index * tile.queries();
        return new Queries(sequence, head, index, from, Math.min(queries, from + tile.queries()));
    }

    /** A head's columns of a tile of queries: (queries, headSize). */
    Tensor of(Tensor all, Queries at) {
        long start = (long) at.sequence() * queries;
        long column = (long) at.head() * shape.headSize();
        return all.rows(start + at.from(), start + at.to()).columns(column, column + shape.headSize());
    }

    /** The columns of the key head a query head reads, for keys {@code from} to {@code to}: (keys, headSize). */
    Tensor keys(Tensor all, Queries at, int from, int to) {
        long start = (long) at.sequence() * keys;
        long column = (long) (at.head() / shape.group()) * shape.headSize();
        return all.rows(start + from, start + to).columns(column, column + shape.headSize());
    }

    /** A head's row of a (heads, tokens) tensor, for a tile of queries: (1, queries). */
    Tensor statistics(Tensor all, Queries at) {
        long start = (long) at.sequence() * queries;
        return all.rows(at.head(), at.head() + 1L).columns(start + at.from(), start + at.to());
    }
}
