package io.longstrand.plan.cluster;

import io.longstrand.plan.PlanningBackend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.ScratchForecast;
import java.util.Optional;

/**
 * A GPU that is planned for and not there: one lane, since the device splits the work itself, and attention in one
 * operation as libtorch has it on CUDA. What its kernels take for themselves is not foretold; {@link
 * ClusterProfile#usableShare} leaves room for it.
 */
public final class AbsentGpu {
    private static final int LANES = 1;

    /** Opens a backend that nothing can be computed on. */
    public PlanningBackend open() {
        return new PlanningBackend(LANES, ScratchForecast.NONE, Optional.of(new Attention()));
    }

    /** As libtorch's flash attention on CUDA: types of two bytes, head sizes that are multiples of 8 up to 256. */
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
