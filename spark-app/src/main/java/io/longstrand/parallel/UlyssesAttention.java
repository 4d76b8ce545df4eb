package io.longstrand.parallel;

import io.longstrand.attention.Attention;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.Projections;
import io.longstrand.attention.ShardAttention;
import io.longstrand.comm.Communicator;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * Attention by heads (Jacobs et al. 2023, DeepSpeed Ulysses): the ranks of a group trade their tokens of all heads for all
 * tokens of their heads, attend, and trade back. What attends to a rank's heads is attention on one device, or a ring over
 * the ranks that hold other shards. Each rank's key heads serve its query heads; with fewer key heads than ranks, ranks
 * share one, and its gradient is the sum of theirs.
 *
 * <p>Queries, keys and values stay where they are attended to until their gradients come back, so nothing is sent twice.
 * Sent by a rank, N tokens over P ranks, with as many key heads as query heads: {@code 4 (N/P) · h · (P − 1)/P} elements
 * forward and as many backward, and one row dot for each head and token.
 */
public final class UlyssesAttention implements Attention {
    private static final String OWNER = "head exchange";

    private final Backend backend;
    private final Arena device;
    private final AttentionShape shape;
    private final ShardAttention inner;
    private final HeadExchange exchange;
    private final int keySharers;

    /**
     * Attention by heads.
     *
     * @param host where what is sent and received is staged, for the time of an exchange, unless it is on the device
     * @param shape of all heads
     * @param inner of the heads of one rank, as {@link #shapeOfRank} says
     * @param ranks of the group, in the order of their parts of a shard
     */
    public UlyssesAttention(
            Backend backend, Arena device, Arena host, AttentionShape shape, ShardAttention inner, Communicator ranks) {
        this.backend = backend;
        this.device = device;
        this.shape = shape;
        this.inner = inner;
        exchange = new HeadExchange(backend, ranks, device, host);
        keySharers = ranks.size() / Math.min(ranks.size(), shape.keyValueHeads());
    }

    /**
     * Heads of one rank.
     *
     * @param ranks divides the heads, and divides or is a multiple of the key heads
     */
    public static AttentionShape shapeOfRank(AttentionShape shape, int ranks) {
        boolean keysDivide = shape.keyValueHeads() % ranks == 0 || ranks % shape.keyValueHeads() == 0;
        if (shape.heads() % ranks != 0 || !keysDivide) {
            throw new IllegalArgumentException(shape + " over " + ranks + " ranks");
        }
        return new AttentionShape(shape.heads() / ranks, Math.max(1, shape.keyValueHeads() / ranks), shape.headSize());
    }

    @Override
    public AttentionShape shape() {
        return shape;
    }

    @Override
    public int roomColumns() {
        return inner.shape().projectedColumns() * exchange.size();
    }

    @Override
    public void distribute(Tensor room, int sequences) {
        Projections projected = new Projections(shape, room);
        exchange.toHeads(
                sequences,
                room.rows(),
                rank -> List.of(
                        heads(projected.query(), rank, inner.shape().heads()),
                        heads(projected.key(), rank / keySharers, inner.shape().keyValueHeads()),
                        heads(
                                projected.value(),
                                rank / keySharers,
                                inner.shape().keyValueHeads())),
                ofHeads(room));
    }

    @Override
    public Projections operands(Tensor room) {
        return new Projections(inner.shape(), ofHeads(room));
    }

    @Override
    public void collect(Tensor room, int sequences) {
        Projections projected = new Projections(shape, room);
        Arena.Mark mark = device.mark();
        Tensor more = device.allocate(OWNER, room.type(), keySharers > 1 ? room.rows() : 0, keyColumns());
        exchange.toTokens(sequences, room.rows(), ofHeads(room), (rank, part) -> {
            Projections arrived = new Projections(inner.shape(), part);
            backend.kernels()
                    .copy(
                            arrived.query(),
                            heads(projected.query(), rank, inner.shape().heads()));
            collectKeys(arrived.key(), projected.key(), rank, more);
            collectKeys(arrived.value(), projected.value(), rank, more);
        });
        device.release(mark);
    }

    /** The first rank that shares key heads writes their gradient, the others add to it. */
    private void collectKeys(Tensor arrived, Tensor gradient, int rank, Tensor more) {
        Tensor sum = heads(gradient, rank / keySharers, inner.shape().keyValueHeads());
        if (rank % keySharers == 0) {
            backend.kernels().copy(arrived, sum);
        } else {
            backend.kernels().copy(arrived, more);
            backend.kernels().add(more, sum, sum);
        }
    }

    @Override
    public void forward(Tensors tensors, AttentionMask mask) {
        Tensor out = ofHeads(tensors.out());
        inner.forward(new Tensors(tensors.query(), tensors.key(), tensors.value(), out, logSumExp(tensors)), mask);
        exchange.toTokens(mask.sequences(), tensors.out().rows(), out, (rank, part) -> backend.kernels()
                .copy(part, heads(tensors.out(), rank, inner.shape().heads())));
    }

    @Override
    public void backward(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
        Arena.Mark mark = device.mark();
        Tensor out = tensors.out();
        Tensor deltaOfHeads =
                device.allocate(OWNER, DataType.FLOAT32, inner.shape().heads(), out.rows() * exchange.size());
        exchange.statisticsToHeads(mask.sequences(), delta, deltaOfHeads);
        Tensor outGradient = ofHeads(gradients.out());
        exchange.toHeads(
                mask.sequences(),
                out.rows(),
                rank -> List.of(heads(gradients.out(), rank, inner.shape().heads())),
                outGradient);
        inner.backwardByDots(
                new Tensors(tensors.query(), tensors.key(), tensors.value(), ofHeads(out), logSumExp(tensors)),
                deltaOfHeads,
                new TensorGradients(outGradient, gradients.query(), gradients.key(), gradients.value()),
                mask);
        device.release(mark);
    }

    /** The log-sum-exp of this rank's heads takes the room of that of its tokens: (heads, tokens) of either. */
    private Tensor logSumExp(Tensors tensors) {
        Tensor all = tensors.logSumExp();
        return all.reshape(inner.shape().heads(), all.columns() * exchange.size());
    }

    /** The room of this rank's tokens of all heads, as all tokens of its heads. */
    private Tensor ofHeads(Tensor room) {
        return room.reshape(room.rows() * exchange.size(), room.columns() / exchange.size());
    }

    private Tensor heads(Tensor all, int number, int count) {
        long width = (long) count * shape.headSize();
        return all.columns(number * width, (number + 1) * width);
    }

    private long keyColumns() {
        return (long) inner.shape().keyValueHeads() * shape.headSize();
    }
}
