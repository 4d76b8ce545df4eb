package io.longstrand.inference;

import io.longstrand.genome.sample.ValidationWindows;
import io.longstrand.genome.sample.Window;
import io.longstrand.model.Batch;
import io.longstrand.model.Gpt;

/**
 * Scores the held-out part of prepared data by forward passes. The windows, their grouping into batches and the order
 * of the sums are fixed, so the same parameters give the same figure to the last bit, in training and afterwards.
 */
public final class HeldOutEvaluation {
    private static final int[] NO_TOKENS = {};
    private static final float[] NO_WEIGHTS = {};

    private final Gpt gpt;
    private final Batch batch;
    private final ValidationWindows windows;

    /** @param batch overwritten by each evaluation */
    public HeldOutEvaluation(Gpt gpt, Batch batch, ValidationWindows windows) {
        this.gpt = gpt;
        this.batch = batch;
        this.windows = windows;
    }

    /** The score of the whole held-out part. */
    public Score all() {
        return sample(windows.count());
    }

    /** The score of {@code count} windows, evenly spread, always the same ones; of all when there are no more. */
    public Score sample(long count) {
        long taken = Math.min(count, windows.count());
        double negativeLogLikelihood = 0;
        long bases = 0;
        for (long first = 0; first < taken; first += batch.sequences()) {
            for (int sequence = 0; sequence < batch.sequences(); sequence++) {
                long number = first + sequence;
                if (number < taken) {
                    Window window = windows.window(number * windows.count() / taken);
                    batch.put(sequence, window.tokens(), window.labels(), window.weights(), window.documentStart());
                    bases += window.scoredBases();
                } else {
                    batch.put(sequence, NO_TOKENS, NO_TOKENS, NO_WEIGHTS, NO_TOKENS);
                }
            }
            batch.send();
            negativeLogLikelihood += gpt.evaluate(batch).negativeLogLikelihood();
        }
        return Score.of(negativeLogLikelihood, bases);
    }
}
