package io.longstrand.train;

import io.longstrand.attention.MaskWork;
import io.longstrand.config.RunFailure;
import io.longstrand.genome.sample.Window;
import io.longstrand.model.LossSum;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.optim.LearningRateSchedule;
import io.longstrand.zero.TrainableModel;

/** One optimiser step: this rank's micro-batches of the global batch, the sums over all ranks and their check, the update. */
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
     * @param mask what masks of this rank took
     * @param answer the driver's
     */
    record Result(
            LossSum loss,
            long bases,
            long tokens,
            long pairs,
            double learningRate,
            double gradientNorm,
            MaskWork mask,
            StopAnswer answer) {
        double bitsPerBase() {
            return loss.negativeLogLikelihood() / Math.log(2) / bases;
        }
    }

    private final TrainableModel model;
    private final AdamW optimizer;
    private final LearningRateSchedule schedule;
    private final GradientClipping clipping;
    private final StepExchange exchange;
    private final int accumulation;
    private final long tokens;

    /**
     * @param exchange with the other ranks
     * @param accumulation micro-batches of a step on this rank
     * @param tokens of the global batch
     */
    TrainingStep(
            TrainableModel model,
            AdamW optimizer,
            LearningRateSchedule schedule,
            GradientClipping clipping,
            StepExchange exchange,
            int accumulation,
            long tokens) {
        this.model = model;
        this.optimizer = optimizer;
        this.schedule = schedule;
        this.clipping = clipping;
        this.exchange = exchange;
        this.accumulation = accumulation;
        this.tokens = tokens;
    }

    /**
     * Does a step.
     *
     * @param step counted from 1
     * @throws RunFailure when loss or gradients are not finite, on all ranks alike; nothing is updated then
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
            loss = loss.plus(model.accumulate(micro + 1 == accumulation));
            pairs += model.batch().pairs();
        }
        model.state().settleGradients();
        StepTotals totals = exchange.run(step, loss, bases, pairs, model.state().gradientSquares());
        // A batch without a single label has no gradients; it must not divide by 0.
        double scale = 1.0 / Math.max(1, totals.loss().validLabels());
        double norm = Math.sqrt(totals.gradientSquares()) * scale;
        if (!Double.isFinite(totals.loss().negativeLogLikelihood()) || !Double.isFinite(norm)) {
            throw new RunFailure(
                    "step " + step + ": the loss is " + totals.loss().mean() + " and the gradient norm "
                            + norm + "; nothing was updated and the last checkpoint is kept; a lower"
                            + " train.optimiser.learning-rate or a longer warm-up may avoid it");
        }
        double rate = schedule.rate(step);
        model.state().update(optimizer, step, rate, scale * clipping.factor(norm));
        MaskWork masks = model.batch().maskWork().minus(masksBefore);
        return new Result(totals.loss(), totals.bases(), tokens, totals.pairs(), rate, norm, masks, totals.answer());
    }
}
