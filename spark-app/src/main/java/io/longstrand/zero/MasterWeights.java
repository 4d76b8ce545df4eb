package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/**
 * The FLOAT32 weights the optimiser updates (Micikevicius et al. 2018, section 3.1): a bfloat16 parameter alone would
 * lose every update below a 512th of it. FLOAT32 parameters are their own masters.
 */
public final class MasterWeights {
    private final Kernels kernels;
    private final Parameters parameters;
    private final Tensor flat;

    /**
     * Takes room for them, {@code 4Ψ} bytes, unless they are the parameters themselves.
     *
     * @param arena where they live
     */
    MasterWeights(Kernels kernels, Arena arena, Parameters parameters) {
        this.kernels = kernels;
        this.parameters = parameters;
        Tensor computed = parameters.flat();
        flat = computed.type() == DataType.FLOAT32
                ? computed
                : arena.allocate(Moments.OWNER, DataType.FLOAT32, 1, computed.columns());
    }

    /** FLOAT32 (1, elements), in either place. */
    public Tensor flat() {
        return flat;
    }

    /** Makes the parameters follow masters that were written. */
    public void publish() {
        parameters.outdate();
        publish(flat, 0);
    }

    /** Makes the parameters from element {@code from} on follow their masters. @param updated FLOAT32 (1, n) */
    void publish(Tensor updated, long from) {
        Tensor followers = parameters.flat();
        if (followers != flat) {
            kernels.copy(updated, followers.columns(from, from + updated.columns()));
        }
    }
}
