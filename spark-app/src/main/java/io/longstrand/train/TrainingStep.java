package io.longstrand.train;

import io.longstrand.attention.MaskWork;
import io.longstrand.config.RunFailure;
import io.longstrand.genome.sample.Window;
import io.longstrand.model.LossSum;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.optim.LearningRateSchedule;
import io.longstrand.zero.TrainableModel;

/** One optimiser step: the micro-batches of the global batch, the check of the sums, the update. */
final class TrainingStep {
    /**
     * What a step did.
     *
     * @param loss sums over the global batch
     * @param bases bases the labels stand for
     * @param tokens tokens of the global batch
     * @param pairs visible query–key pairs of one head
     * @param learningRate of this step
     * @param gradientNorm of the mean gradient, before clipping
     * @param mask what masks took
     */
    record Result(
            LossSum loss,
            long bases,
            long tokens,
            long pairs,
            double learningRate,
            double gradientNorm,
            MaskWork mask) {
        double bitsPerBase() {
            return loss.negativeLogLikelihood() / Math.log(2) / bases;
        }
    }

    private final TrainableModel model;
    private final AdamW optimizer;
    private final LearningRateSchedule schedule;
    private final GradientClipping clipping;
    private final int accumulation;

    /** @param accumulation micro-batches of a step */
    TrainingStep(
            TrainableModel model,
            AdamW optimizer,
            LearningRateSchedule schedule,
            GradientClipping clipping,
            int accumulation) {
        this.model = model;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.clipping = clipping;
        this.accumulation = accumulation;
    }

    /**
     * Does a step.
     *
     * @param step counted from 1
     * @throws RunFailure when loss or gradients are not finite; nothing is updated then
     */
    Result run(long step, WindowLoader loader) {
        MaskWork masksBefore = model.batch().maskWork();
        model.state().zeroGradients();
        LossSum loss = LossSum.ZERO;
        long bases = 0;
        long pairs = 0;
        for (int micro = 0; micro < accumulation; micro++) {
            Window[] windows = loader.next();
            for (int sequence = 0; sequence < windows.length; sequence++) {
                Window window = windows[sequence];
                model.batch().put(sequence, window.tokens(), window.labels(), window.weights(), window.documentStart());
                bases += window.scoredBases();
            }
            loss = loss.plus(model.accumulate());
            pairs += model.batch().pairs();
        }
        // A batch without a single label has no gradients; it must not divide by 0.
        double scale = 1.0 / Math.max(1, loss.validLabels());
        double norm = Math.sqrt(model.state().gradientSquares()) * scale;
        if (!Double.isFinite(loss.negativeLogLikelihood()) || !Double.isFinite(norm)) {
            throw new RunFailure("step " + step + ": the loss is " + loss.mean() + " and the gradient norm " + norm
                    + "; nothing was updated and the last checkpoint is kept; a lower train.optimiser.learning-rate or"
                    + " a longer warm-up may avoid it");
        }
        double rate = schedule.rate(step);
        model.state().update(optimizer, step, rate, scale * clipping.factor(norm));
        long tokens = accumulation * model.batch().tokenCount();
        MaskWork masks = model.batch().maskWork().minus(masksBefore);
        return new Result(loss, bases, tokens, pairs, rate, norm, masks);
    }
}
