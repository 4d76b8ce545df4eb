package io.longstrand.model;

import io.longstrand.config.UserError;
import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Slices;
import java.util.List;
import java.util.Set;

/**
 * What one rank computes of a model whose matrices are split over the ranks of the tensor axis (Shoeybi et al. 2020,
 * Megatron-LM; the stream cut by rows as in Korthikanti et al. 2022): heads and columns of the MLP in equal parts, the
 * vocabulary in slices, and of the residual stream an equal part of the rows of every sequence.
 *
 * @param shape of the whole model
 * @param part which part this rank has, from 0
 * @param parts ranks of the tensor axis
 * @param positions rows of the learned position table that the rank holds, ascending: those of its part of the stream
 * @param positionsOver axes along which other ranks hold other rows of that table
 */
public record ModelShare(ModelShape shape, int part, int parts, List<Span> positions, Set<Axis> positionsOver) {
    public ModelShare {
        positions = List.copyOf(positions);
        positionsOver = Set.copyOf(positionsOver);
        requireDivides(parts, shape.heads(), "heads");
        requireDivides(parts, shape.keyValueHeads(), "key and value heads");
        requireDivides(parts, shape.feedForward(), "columns of the MLP");
        if (parts > shape.vocabulary()) {
            throw new UserError("parallel.tensor = " + parts + " is more than the " + shape.vocabulary()
                    + " token ids of the tokenizer; each rank needs at least one");
        }
    }

    /** All of a model. */
    public static ModelShare whole(ModelShape shape) {
        return new ModelShare(shape, 0, 1, List.of(new Span(0, shape.positions())), Set.of());
    }

    /** Query heads of this rank. */
    public int heads() {
        return shape.heads() / parts;
    }

    /** Key and value heads of this rank. */
    public int keyValueHeads() {
        return shape.keyValueHeads() / parts;
    }

    /** Columns of this rank's queries, and of its heads' output. */
    public long queryColumns() {
        return (long) heads() * shape.headSize();
    }

    /** Columns of this rank's keys, and of its values. */
    public long keyValueColumns() {
        return (long) keyValueHeads() * shape.headSize();
    }

    /** Columns of this rank's projection: queries, then keys, then values. */
    public long queryKeyValueColumns() {
        return queryColumns() + 2 * keyValueColumns();
    }

    /** Columns of this rank's MLP. */
    public long feedForward() {
        return shape.feedForward() / parts;
    }

    /** Token ids whose rows of the token embedding and of the output matrix this rank has. */
    public Span vocabulary() {
        Slices slices = new Slices(shape.vocabulary(), parts);
        return new Span(slices.from(part), slices.to(part));
    }

    /** Rows of the residual stream of a batch that this rank has. @param tokens of the batch, a multiple of the parts */
    public long streamRows(long tokens) {
        return tokens / parts;
    }

    /** Rows of this rank's stream that go into a tile of so many tokens; 0: all. */
    long streamHeight(long tokens) {
        return (tokens + parts - 1) / parts;
    }

    /** The first of the ranks that share products adds the bias of a sum they form together. */
    boolean addsBiases() {
        return part == 0;
    }

    private static void requireDivides(int parts, int whole, String what) {
        if (whole % parts != 0) {
            throw new IllegalArgumentException(whole + " " + what + " cannot be shared by " + parts + " ranks");
        }
    }
}
