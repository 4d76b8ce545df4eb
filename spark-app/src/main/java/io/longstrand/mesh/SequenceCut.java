package io.longstrand.mesh;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Which positions of a sequence each rank of a data group holds. Along the context axis the order is {@link Zigzag}'s, so
 * that causal attention is shared equally; what a rank of the ring would hold is its shard. Along the head axis shards are
 * cut once more, into adjacent parts of equal length. The sequence is padded at its end until all parts are equal.
 *
 * @param length tokens of a sequence, at least 1
 * @param context ranks of the ring
 * @param head ranks that share a shard
 * @param tensor ranks that share the stream of a part, each an equal number of its rows
 */
public record SequenceCut(int length, int context, int head, int tensor) {
    public SequenceCut {
        if (length < 1 || context < 1 || head < 1 || tensor < 1) {
            throw new IllegalArgumentException(
                    "a sequence of " + length + " tokens over " + context + " x " + head + " x " + tensor + " ranks");
        }
    }

    /** Where no rank shares the stream of another. */
    public SequenceCut(int length, int context, int head) {
        this(length, context, head, 1);
    }

    /** A sequence on one rank. */
    public static SequenceCut whole(int length) {
        return new SequenceCut(length, 1, 1);
    }

    /** As a mesh cuts it. */
    public static SequenceCut over(Mesh mesh, int length) {
        return new SequenceCut(length, mesh.context(), mesh.head(), mesh.tensor());
    }

    /** Tokens of one rank, padding included. */
    public int part() {
        return shard() / head;
    }

    /** Tokens of a shard: those of all ranks that differ along the head axis alone. */
    public int shard() {
        int parts = Math.multiplyExact(head, tensor);
        if (context == 1) {
            return roundUp(length, parts);
        }
        // Two chunks of equal length, together a multiple of the ranks they are cut over.
        int step = parts % 2 == 0 ? parts : Math.multiplyExact(2, parts);
        return roundUp((length + context - 1) / context, step);
    }

    /** Tokens of the sequence with its padding. */
    public int padded() {
        return Math.multiplyExact(shard(), context);
    }

    /** Positions of a shard. @param rank along the context axis */
    public Positions shard(int rank) {
        Objects.checkIndex(rank, context);
        if (context == 1) {
            return Positions.whole(shard());
        }
        int chunk = shard() / 2;
        Zigzag order = new Zigzag(padded(), context);
        int early = Math.toIntExact(order.early(rank));
        int late = Math.toIntExact(order.late(rank));
        List<Positions.Run> runs = new ArrayList<>();
        if (early + chunk == late) {
            runs.add(new Positions.Run(early, late + chunk));
        } else {
            runs.add(new Positions.Run(early, early + chunk));
            runs.add(new Positions.Run(late, late + chunk));
        }
        return new Positions(runs);
    }

    /** Positions of a rank. */
    public Positions part(Coordinates rank) {
        Objects.checkIndex(rank.head(), head);
        return shard(rank.context()).part(rank.head() * part(), (rank.head() + 1) * part());
    }

    private static int roundUp(int value, int step) {
        return Math.toIntExact((value + step - 1L) / step * step);
    }
}
