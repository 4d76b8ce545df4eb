package io.longstrand.optim;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * AdamW over one flat slice (Loshchilov and Hutter 2019, algorithm 2): weight decay is decoupled from the gradient and
 * left out where a segment says so.
 */
public final class AdamW {
    /**
     * What stays the same over a run.
     *
     * @param beta1 decay of the first moment
     * @param beta2 decay of the second moment
     * @param epsilon added to the root of the corrected second moment
     * @param weightDecay decoupled decay of the segments that decay
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {}

    private final Kernels kernels;
    private final Settings settings;
    private final List<DecaySegment> segments;

    /**
     * @param kernels of the device that holds the slices
     * @param settings of the run
     * @param segments cover the slice without overlap
     */
    public AdamW(Kernels kernels, Settings settings, List<DecaySegment> segments) {
        this.kernels = kernels;
        this.settings = settings;
        this.segments = List.copyOf(segments);
    }

    /**
     * Updates parameters and moments of a part of the slice.
     *
     * @param step counted from 1
     * @param learningRate of this step
     * @param gradientScale what gradients are multiplied by first: one over the global batch's valid tokens, times the
     *     clip factor
     * @param from where the part starts in the slice
     * @param parameters FLOAT32 (1, n), updated
     * @param gradients FLOAT32 (1, n), sums over tokens
     * @param firstMoment FLOAT32 (1, n), updated
     * @param secondMoment FLOAT32 (1, n), updated
     */
    public void update(
            long step,
            double learningRate,
            double gradientScale,
            long from,
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoment,
            Tensor secondMoment) {
        for (DecaySegment segment : segments) {
            long start = Math.max(0, segment.start() - from);
            long end = Math.min(parameters.columns(), segment.end() - from);
            if (start >= end) {
                continue;
            }
            AdamWStep settingsOfSegment = new AdamWStep(
                    step,
                    (float) learningRate,
                    (float) settings.beta1(),
                    (float) settings.beta2(),
                    (float) settings.epsilon(),
                    segment.decays() ? (float) settings.weightDecay() : 0,
                    (float) gradientScale);
            kernels.adamW(
                    settingsOfSegment,
                    parameters.columns(start, end),
                    gradients.columns(start, end),
                    firstMoment.columns(start, end),
                    secondMoment.columns(start, end));
        }
    }
}
