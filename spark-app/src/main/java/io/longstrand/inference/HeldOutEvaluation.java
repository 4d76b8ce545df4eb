package io.longstrand.inference;

import io.longstrand.genome.sample.ValidationWindows;
import io.longstrand.genome.sample.Window;
import io.longstrand.model.Batch;
import io.longstrand.model.Gpt;

/**
 * Scores the held-out part of prepared data by forward passes. The windows, their grouping into batches and the order
 * of the sums are fixed, so the same parameters give the same figure to the last bit, in training and afterwards. Groups
 * of ranks that see different windows share the batches out, and add up in the order of batches what they lost.
 */
public final class HeldOutEvaluation {
    private static final int[] NO_TOKENS = {};
    private static final float[] NO_WEIGHTS = {};

    private final Gpt gpt;
    private final Batch batch;
    private final ValidationWindows windows;
    private final EvaluationShare share;

    /** On one rank. @param batch overwritten by each evaluation */
    public HeldOutEvaluation(Gpt gpt, Batch batch, ValidationWindows windows) {
        this(gpt, batch, windows, EvaluationShare.alone());
    }

    /** @param batch overwritten by each evaluation @param share what this rank does of it; all ranks evaluate together */
    public HeldOutEvaluation(Gpt gpt, Batch batch, ValidationWindows windows, EvaluationShare share) {
        this.gpt = gpt;
        this.batch = batch;
        this.windows = windows;
        this.share = share;
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
        long round = (long) share.mesh().data() * batch.sequences();
        for (long first = 0; first < taken; first += round) {
            Lost own = evaluate(first + (long) share.at().data() * batch.sequences(), taken);
            for (double[] ofRank : share.gather().all(counted(own))) {
                negativeLogLikelihood += ofRank[0];
                bases += (long) ofRank[1];
            }
        }
        return Score.of(negativeLogLikelihood, bases);
    }

    private record Lost(double negativeLogLikelihood, long bases) {}

    /** Ranks that share windows or tokens count them once. */
    private double[] counted(Lost own) {
        return new double[] {
            share.at().countsTokens() ? own.negativeLogLikelihood() : 0,
            share.at().countsWindows() ? own.bases() : 0
        };
    }

    /** What one batch loses: windows {@code first} on, as many as there are. */
    private Lost evaluate(long first, long taken) {
        long bases = 0;
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
        return new Lost(gpt.evaluate(batch).negativeLogLikelihood(), bases);
    }
}
