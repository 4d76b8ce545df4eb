package io.longstrand.zero;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * The FLOAT32 weights the optimiser updates (Micikevicius et al. 2018, section 3.1): a bfloat16 parameter alone would
 * lose every update below a 512th of it. FLOAT32 parameters are their own masters.
 */
public final class MasterWeights {
    private final Kernels kernels;
    private final StateVector values;
    private final StateVector followers;

    /**
     * @param values FLOAT32
     * @param followers the same elements of the parameters; may be {@code values} itself
     */
    MasterWeights(Kernels kernels, StateVector values, StateVector followers) {
        this.kernels = kernels;
        this.values = values;
        this.followers = followers;
    }

    /** FLOAT32, in either place. */
    public StateVector values() {
        return values;
    }

    /** Makes the parameters follow masters that were written. */
    void publish() {
        List<Stretch> written = values.stretches();
        for (int stretch = 0; stretch < written.size(); stretch++) {
            publish(stretch, 0, written.get(stretch).values());
        }
    }

    /**
     * Makes parameters follow some of their masters.
     *
     * @param stretch which stretch they are of
     * @param from number in the stretch of the first
     * @param updated FLOAT32 (1, n)
     */
    void publish(int stretch, long from, Tensor updated) {
        if (followers != values) {
            Tensor following = followers.stretches().get(stretch).values();
            kernels.copy(updated, following.columns(from, from + updated.columns()));
        }
    }
}
