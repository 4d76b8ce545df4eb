package io.longstrand.plan.cluster;

import io.longstrand.plan.PlanningBackend;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.DeviceIdentity;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import java.util.List;
import java.util.Optional;

/**
 * A GPU that is planned for and not there: one lane, since the device splits the work itself, attention in one operation
 * as libtorch has it on CUDA, and other GPUs that take tensors from it directly. What its kernels take for themselves is
 * not foretold; {@link ClusterProfile#usableShare} leaves room for it. Nothing can be computed on it.
 */
public final class AbsentGpu implements Backend {
    private static final int LANES = 1;
    private static final String UNKNOWN = "unknown";

    private final ClusterProfile cluster;
    private final PlanningBackend planning =
            new PlanningBackend(LANES, ScratchForecast.NONE, Optional.of(new Attention()));

    /** @param cluster it belongs to */
    public AbsentGpu(ClusterProfile cluster) {
        this.cluster = cluster;
    }

    @Override
    public String name() {
        return cluster.name();
    }

    @Override
    public String description() {
        return "a GPU of " + cluster.name() + ", not here";
    }

    @Override
    public Optional<DeviceIdentity> deviceIdentity() {
        return Optional.of(new DeviceIdentity(cluster.name(), UNKNOWN, UNKNOWN, 0, cluster.deviceBytes()));
    }

    @Override
    public Kernels kernels() {
        return planning.kernels();
    }

    @Override
    public Memory allocate(Place place, long bytes) {
        return planning.allocate(place, bytes);
    }

    @Override
    public CopyStream openCopyStream() {
        return planning.openCopyStream();
    }

    @Override
    public void synchronize() {
        planning.synchronize();
    }

    @Override
    public long peakBytes(Place place) {
        return planning.peakBytes(place);
    }

    @Override
    public long scratchBytes() {
        return planning.scratchBytes();
    }

    @Override
    public List<SelfTest> selfTest() {
        return planning.selfTest();
    }

    @Override
    public void close() {
        planning.close();
    }

    /** As libtorch's flash attention on CUDA: BFLOAT16, head sizes that are multiples of 8 up to 256. */
    private static final class Attention implements FusedAttention {
        private static final int LARGEST_HEAD = 256;
        private static final int HEAD_STEP = 8;

        @Override
        public boolean supports(DataType type, int headSize) {
            return type == DataType.BFLOAT16 && headSize % HEAD_STEP == 0 && headSize <= LARGEST_HEAD;
        }

        @Override
        public void forward(Sequence sequence) {
            throw new UnsupportedOperationException("the GPU is not here");
        }

        @Override
        public void backward(Sequence sequence, Gradients gradients) {
            throw new UnsupportedOperationException("the GPU is not here");
        }
    }
}
