package io.longstrand.bench;

import io.longstrand.attention.Attention;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.FlashAttention;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.TileSize;
import io.longstrand.mesh.SequenceCut;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.lang.management.ManagementFactory;

/** What one rank of a ring computes of causal attention, one head, forward and backward, on one thread: no keys travel. */
final class RingShare implements AutoCloseable {
    private static final String OWNER = "bench";
    private static final AttentionShape HEAD = new AttentionShape(1, 1, 64);
    private static final long SCRATCH_BYTES = 64L << 20;

    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final FlashAttention attention;
    private final AttentionMask mask;
    private final Attention.Tensors tensors;
    private final Attention.TensorGradients gradients;
    private final Tensor delta;

    /** @param rank its number in the ring */
    RingShare(String backendName, SequenceCut cut, int rank) {
        backend = new Backends().open(backendName, new BackendProvider.Options(1));
        long rows = cut.shard();
        device = new Arena(backend, Place.DEVICE, 8 * rows * HEAD.headSize() * Float.BYTES + SCRATCH_BYTES);
        host = new Arena(backend, Place.HOST, SCRATCH_BYTES);
        TileSize tile = TileSize.forLength(cut.shard());
        attention = new FlashAttention(backend.kernels(), device, HEAD, tile, DataType.FLOAT32);
        mask = new MaskRule.Causal().take(backend, device, host, tile, 1, cut, rank);
        mask.put(0, new int[cut.length()]);
        mask.send();
        Tensor logSumExp = device.allocate(OWNER, DataType.FLOAT32, 1, rows);
        delta = device.allocate(OWNER, DataType.FLOAT32, 1, rows);
        backend.kernels().fill(delta, 0);
        tensors = new Attention.Tensors(rows(rows), rows(rows), rows(rows), rows(rows), logSumExp);
        gradients = new Attention.TensorGradients(rows(rows), rows(rows), rows(rows), rows(rows));
    }

    private Tensor rows(long rows) {
        Tensor tensor = device.allocate(OWNER, DataType.FLOAT32, rows, HEAD.headSize());
        backend.kernels().fill(tensor, 0.125f);
        return tensor;
    }

    /** Attends to every shard, both ways. @return seconds of this thread's processor time */
    double seconds() {
        long start = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        int ranks = mask.cut().context();
        for (int hop = 0; hop < ranks; hop++) {
            attention.forwardBlock(tensors, mask.block(Math.floorMod(mask.shard() - hop, ranks)), hop > 0);
        }
        for (int hop = 0; hop < ranks; hop++) {
            attention.backwardBlock(tensors, delta, gradients, mask.block(Math.floorMod(mask.shard() - hop, ranks)));
        }
        backend.synchronize();
        return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - start) * 1e-9;
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
