package io.longstrand.attention;

import io.longstrand.tensor.Tensor;

/**
 * Queries, keys and values side by side, or their gradients.
 *
 * @param shape of the heads
 * @param all (tokens, at least {@link AttentionShape#projectedColumns})
 */
public record Projections(AttentionShape shape, Tensor all) {
    /** (tokens, heads · headSize). */
    public Tensor query() {
        return all.columns(0, queryColumns());
    }

    /** (tokens, keyValueHeads · headSize). */
    public Tensor key() {
        return all.columns(queryColumns(), queryColumns() + keyColumns());
    }

    /** (tokens, keyValueHeads · headSize). */
    public Tensor value() {
        return all.columns(queryColumns() + keyColumns(), shape.projectedColumns());
    }

    /** Queries and keys, which lie side by side. */
    public Tensor queryKey() {
        return all.columns(0, queryColumns() + keyColumns());
    }

    /** All three. */
    public Tensor whole() {
        return all.columns(0, shape.projectedColumns());
    }

    private long queryColumns() {
        return (long) shape.heads() * shape.headSize();
    }

    private long keyColumns() {
        return (long) shape.keyValueHeads() * shape.headSize();
    }
}
