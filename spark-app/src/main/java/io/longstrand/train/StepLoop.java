package io.longstrand.train;

import io.longstrand.checkpoint.Checkpoints;
import io.longstrand.config.TrainSection.ValidationSection;
import io.longstrand.inference.HeldOutEvaluation;
import io.longstrand.inference.Score;
import io.longstrand.model.FlopCount;
import java.io.IOException;
import java.util.Optional;

/** The steps of a run from where it stands to its end or until the driver says stop. */
final class StepLoop {
    /**
     * Where the loop ended.
     *
     * @param step steps done
     * @param seconds time in training steps
     * @param tokens trained on, by this attempt
     * @param windows trained on, by this attempt
     * @param modelFlops model operations of this attempt
     * @param hardwareFlops hardware operations of this attempt
     * @param checkpoint directory of the last checkpoint
     */
    record End(
            long step,
            double seconds,
            long tokens,
            long windows,
            double modelFlops,
            double hardwareFlops,
            String checkpoint) {}

    /** Saves the state after a step. */
    @FunctionalInterface
    interface Saver {
        /** Saves; on return the checkpoint is complete. */
        Checkpoints.Saved save(long step) throws IOException;
    }

    private final TrainingStep step;
    private final WindowLoader loader;
    private final Optional<HeldOutEvaluation> evaluation;
    private final ValidationSection validation;
    private final Saver saver;
    private final long checkpointEvery;
    private final FlopCount flops;
    private final Reporter reporter;

    /**
     * @param evaluation empty when nothing is held out
     * @param checkpointEvery steps between checkpoints; 0: only at the end
     */
    StepLoop(
            TrainingStep step,
            WindowLoader loader,
            Optional<HeldOutEvaluation> evaluation,
            ValidationSection validation,
            Saver saver,
            long checkpointEvery,
            FlopCount flops,
            Reporter reporter) {
        this.step = step;
        this.loader = loader;
        this.evaluation = evaluation;
        this.validation = validation;
        this.saver = saver;
        this.checkpointEvery = checkpointEvery;
        this.flops = flops;
        this.reporter = reporter;
    }

    /**
     * Trains.
     *
     * @param done steps done before
     * @param steps steps of the whole run
     * @param windowsPerStep windows of the global batch
     * @param lastCheckpoint the one resumed from; empty for a new run
     */
    End run(long done, long steps, long windowsPerStep, String lastCheckpoint) throws IOException {
        String checkpoint = lastCheckpoint;
        double seconds = 0;
        long tokens = 0;
        double modelFlops = 0;
        double hardwareFlops = 0;
        long number = done;
        boolean stop = false;
        while (number < steps && !stop) {
            number++;
            long start = System.nanoTime();
            TrainingStep.Result result = step.run(number, loader);
            double took = (System.nanoTime() - start) * 1e-9;
            seconds += took;
            tokens += result.tokens();
            double model = flops.model(result.tokens(), result.pairs());
            double hardware = flops.hardware(result.tokens(), result.pairs());
            modelFlops += model;
            hardwareFlops += hardware;
            reporter.step(number, result, took, model, hardware);
            StopAnswer answer = result.answer();
            stop = answer == StopAnswer.STOP;
            // The end of the run scores the whole held-out part, so its last step needs no sample.
            if (validation.every() > 0 && number % validation.every() == 0 && number < steps && !stop) {
                validate(number);
            }
            boolean due = checkpointEvery > 0 && number % checkpointEvery == 0;
            if (due || stop || answer == StopAnswer.CHECKPOINT || number == steps) {
                checkpoint = save(number);
            }
        }
        long windows = (number - done) * windowsPerStep;
        return new End(number, seconds, tokens, windows, modelFlops, hardwareFlops, checkpoint);
    }

    private void validate(long number) {
        evaluation.ifPresent(heldOut -> {
            long start = System.nanoTime();
            Score score = validation.windows() == 0 ? heldOut.all() : heldOut.sample(validation.windows());
            reporter.validation(number, score, validation.windows() == 0, (System.nanoTime() - start) * 1e-9);
        });
    }

    private String save(long number) throws IOException {
        long start = System.nanoTime();
        Checkpoints.Saved saved = saver.save(number);
        reporter.checkpoint(number, saved, (System.nanoTime() - start) * 1e-9);
        return saved.directory();
    }
}
