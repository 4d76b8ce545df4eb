package io.longstrand.conformance;

import io.longstrand.tensor.DataType;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/**
 * How one kernel did in one type.
 *
 * @param kernel operation of {@link io.longstrand.tensor.Kernels}
 * @param type of its results; BFLOAT16 results are also judged by what rounding costs
 * @param comparisons results held to the reference
 * @param deviation worst ‖result − reference‖ / ‖reference‖
 * @param ofAllowed worst element's distance as a share of its tolerance; above 1 is wrong
 * @param largest tensor it was tried on, rows × columns; empty where it was not called by itself
 * @param seconds of the fastest call on tensors of that size; 0 where it was not called by itself
 * @param faults what is wrong, one line each; empty when all is right
 */
public record KernelVerdict(
        String kernel,
        DataType type,
        int comparisons,
        double deviation,
        double ofAllowed,
        String largest,
        double seconds,
        List<String> faults)
        implements Serializable {
    public KernelVerdict {
        faults = List.copyOf(faults);
    }

    /** Of deviations heard so far. */
    static KernelVerdict of(
            String kernel,
            DataType type,
            List<Deviation> deviations,
            Optional<MeteredKernels.Timing> timing,
            List<String> faults) {
        return new KernelVerdict(
                kernel,
                type,
                deviations.size(),
                worst(deviations.stream().mapToDouble(Deviation::relative).toArray()),
                worst(deviations.stream().mapToDouble(Deviation::ofAllowed).toArray()),
                timing.map(MeteredKernels.Timing::largest).orElse(""),
                timing.map(MeteredKernels.Timing::seconds).orElse(0.0),
                faults);
    }

    /** No number is worse than any. */
    private static double worst(double[] values) {
        double worst = 0;
        for (double value : values) {
            worst = Double.compare(value, worst) > 0 ? value : worst;
        }
        return worst;
    }

    /** Whether every result was right. */
    public boolean right() {
        return faults.isEmpty();
    }
}
