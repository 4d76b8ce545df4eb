package io.longstrand.parallel;

import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.FlashAttention;
import io.longstrand.attention.ShardAttention;
import io.longstrand.attention.TileSize;
import io.longstrand.comm.Communicator;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;

/**
 * Attention over a sequence whose tokens lie on a ring of ranks (Liu et al. 2023), in zigzag order. Queries stay; keys and
 * values go round, each rank's own first, so that the next shard is on its way while this one is attended to. Outputs are
 * joined by their log-sum-exp in FLOAT32; in the backward pass the gradients of keys and values go round behind them.
 *
 * <p>Heads take turns: a rank has as many at work as its lanes can share, so that what is on its way is small beside a
 * (tokens, hidden) tensor, and the last sums of some heads go home while the next ones are at work.
 *
 * <p>Sent by a rank of P with N tokens in all, when every shard is read by every rank: forward {@code 2 (N/P) · h_kv · (P
 * − 1)} elements, backward the same and as many in FLOAT32.
 */
public final class RingAttention implements ShardAttention {
    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final AttentionShape shape;
    private final AttentionShape turn;
    private final DataType type;
    private final Communicator ring;
    private final FlashAttention attention;

    /**
     * Attention that takes its buffers from the arenas for the time of a pass.
     *
     * @param shape of all heads of this rank
     * @param type of queries, keys, values and their gradients
     * @param ring the ranks whose tokens make up the sequences, in the order of shards
     */
    public RingAttention(
            Backend backend,
            Arena device,
            Arena host,
            AttentionShape shape,
            TileSize tile,
            DataType type,
            Communicator ring) {
        this.backend = backend;
        this.device = device;
        this.host = host;
        this.shape = shape;
        this.type = type;
        this.ring = ring;
        int keyHeads = Math.min(shape.keyValueHeads(), backend.kernels().lanes());
        while (shape.keyValueHeads() % keyHeads != 0) {
            keyHeads++;
        }
        turn = new AttentionShape(keyHeads * shape.group(), keyHeads, shape.headSize());
        attention = new FlashAttention(backend.kernels(), device, turn, tile, type);
    }

    @Override
    public AttentionShape shape() {
        return shape;
    }

    @Override
    public void forward(Tensors tensors, AttentionMask mask) {
        Arena.Mark mark = device.mark();
        Arena.Mark hostMark = host.mark();
        RingRoute route = route(mask);
        KeyRing keys = keys(route, tensors);
        // In FLOAT32 the output itself is where blocks are joined.
        Tensor room = type == DataType.FLOAT32 ? null : floats(tensors.query().rows(), queryWidth());
        for (int number = 0; number < turns(); number++) {
            Tensors own = part(tensors, number);
            Tensor out = room == null ? own.out() : room;
            keys.start(number);
            for (int hop = 0; hop < ring.size(); hop++) {
                keys.pass();
                if (hop == 0 || route.reads(hop)) {
                    attention.forwardBlock(
                            new Tensors(own.query(), keys.key(), keys.value(), out, own.logSumExp()),
                            mask.block(route.owner(hop)),
                            hop > 0);
                }
                keys.turn();
            }
            if (room != null) {
                backend.kernels().copy(room, own.out());
            }
        }
        host.release(hostMark);
        device.release(mark);
    }

    @Override
    public void backwardByDots(Tensors tensors, Tensor delta, TensorGradients gradients, AttentionMask mask) {
        Arena.Mark mark = device.mark();
        Arena.Mark hostMark = host.mark();
        RingRoute route = route(mask);
        KeyRing keys = keys(route, tensors);
        long tokens = tensors.query().rows();
        GradientRing sums = new GradientRing(backend, ring, route, device, host, tokens, keyWidth());
        Tensor queryGradient = floats(tokens, queryWidth());
        OwnGradients owns = new OwnGradients(backend.kernels(), device, type, tokens, keyWidth());
        for (int number = 0; number < turns(); number++) {
            Tensors own = part(tensors, number);
            TensorGradients out = part(gradients, number);
            OwnGradients.Pair home = owns.next(out.key(), out.value());
            Tensor ofDelta = heads(delta, number);
            backend.kernels().fill(queryGradient, 0);
            keys.start(number);
            for (int hop = 0; hop < ring.size(); hop++) {
                sums.expect(hop);
                keys.pass();
                if (hop == 0 || route.reads(hop)) {
                    attention.backwardBlock(
                            new Tensors(own.query(), keys.key(), keys.value(), own.out(), own.logSumExp()),
                            ofDelta,
                            new TensorGradients(
                                    out.out(),
                                    queryGradient,
                                    hop == 0 ? home.key() : sums.keyPart(),
                                    hop == 0 ? home.value() : sums.valuePart()),
                            mask.block(route.owner(hop)));
                }
                if (hop == 0) {
                    sums.home(home);
                } else {
                    sums.add(hop);
                }
                keys.turn();
            }
            backend.kernels().copy(queryGradient, out.query());
            sums.endTurn();
            owns.publish(false);
        }
        sums.finish();
        owns.publish(true);
        host.release(hostMark);
        device.release(mark);
    }

    private RingRoute route(AttentionMask mask) {
        return new RingRoute(
                mask.reach(), ring.rank(), ring.size(), backend.kernels().compute());
    }

    private KeyRing keys(RingRoute route, Tensors tensors) {
        return new KeyRing(backend, ring, route, device, host, tensors.key(), tensors.value(), keyWidth());
    }

    private Tensor floats(long rows, long columns) {
        return device.allocate(KeyRing.OWNER, DataType.FLOAT32, rows, columns);
    }

    private int turns() {
        return shape.keyValueHeads() / turn.keyValueHeads();
    }

    private long queryWidth() {
        return (long) turn.heads() * turn.headSize();
    }

    private long keyWidth() {
        return (long) turn.keyValueHeads() * turn.headSize();
    }

    private Tensors part(Tensors all, int number) {
        return new Tensors(
                columns(all.query(), number, queryWidth()),
                columns(all.key(), number, keyWidth()),
                columns(all.value(), number, keyWidth()),
                columns(all.out(), number, queryWidth()),
                heads(all.logSumExp(), number));
    }

    private TensorGradients part(TensorGradients all, int number) {
        return new TensorGradients(
                columns(all.out(), number, queryWidth()),
                columns(all.query(), number, queryWidth()),
                columns(all.key(), number, keyWidth()),
                columns(all.value(), number, keyWidth()));
    }

    private static Tensor columns(Tensor all, int number, long width) {
        return all.columns(number * width, (number + 1) * width);
    }

    private Tensor heads(Tensor statistics, int number) {
        return statistics.rows((long) number * turn.heads(), (number + 1L) * turn.heads());
    }
}
