package io.longstrand.attention;

import io.longstrand.tensor.Tensor;

/**
 * Parts of tensors over all tokens and heads that belong to one tile of one head.
 *
 * @param length tokens of a sequence
 */
record HeadViews(AttentionShape shape, TileSize tile, int length) {
    /** The tile of queries of a number. */
    Queries queries(int sequence, int head, int index) {
        int from = index * tile.queries();
        return new Queries(sequence, head, index, from, Math.min(length, from + tile.queries()));
    }

    /** A head's columns of a tile of queries: (queries, headSize). */
    Tensor of(Tensor all, Queries queries) {
        long start = (long) queries.sequence() * length;
        long column = (long) queries.head() * shape.headSize();
        return all.rows(start + queries.from(), start + queries.to()).columns(column, column + shape.headSize());
    }

    /** The columns of the key head a query head reads, for keys {@code from} to {@code to}: (keys, headSize). */
    Tensor keys(Tensor all, Queries queries, int from, int to) {
        long start = (long) queries.sequence() * length;
        long column = (long) (queries.head() / shape.group()) * shape.headSize();
        return all.rows(start + from, start + to).columns(column, column + shape.headSize());
    }

    /** A head's row of a (heads, tokens) tensor, for a tile of queries: (1, queries). */
    Tensor statistics(Tensor all, Queries queries) {
        long start = (long) queries.sequence() * length;
        return all.rows(queries.head(), queries.head() + 1L).columns(start + queries.from(), start + queries.to());
    }
}
