package io.longstrand.bench;

import io.longstrand.train.RandomTokens;
import java.util.List;

/**
 * One training step to measure.
 *
 * @param length tokens of a sequence, S
 * @param precision {@code fp32} or {@code bf16}
 * @param recompute {@code memory.recompute}
 * @param threads lanes
 */
record StepCase(int length, String precision, String recompute, int threads) {
    /** Tokens of one step, or one sequence where that is more. */
    private static final int TOKENS = 8192;
    /** Above this length one layer, so that a step stays below minutes. */
    private static final int LONGEST_WITH_ALL_LAYERS = 8192;

    private static final int LAYERS = 4;
    /** 3-mers and the special tokens. */
    private static final int VOCABULARY = 70;

    static StepCase of(int length) {
        return new StepCase(length, "fp32", "none", 1);
    }

    StepCase withPrecision(String other) {
        return new StepCase(length, other, recompute, threads);
    }

    StepCase withRecompute(String other) {
        return new StepCase(length, precision, other, threads);
    }

    StepCase withThreads(int count) {
        return new StepCase(length, precision, recompute, count);
    }

    int sequences() {
        return Math.max(1, TOKENS / length);
    }

    int layers() {
        return length <= LONGEST_WITH_ALL_LAYERS ? LAYERS : 1;
    }

    long tokens() {
        return (long) sequences() * length;
    }

    RandomTokens randomTokens() {
        return RandomTokens.of(sequences(), length, VOCABULARY);
    }

    /** The configuration. */
    List<String> settings() {
        return List.of(
                "model.layers=" + layers(),
                "model.hidden=512",
                "model.heads=8",
                "data.sequence-length=" + length,
                "train.micro-batch=" + sequences(),
                "train.precision=" + precision,
                "memory.recompute=" + recompute);
    }

    /** What identifies it in a row. */
    String setting() {
        return "pass=step hidden=512 heads=8 layers=" + layers() + " S=" + length + " sequences=" + sequences()
                + " precision=" + precision + (recompute.equals("none") ? "" : " recompute=" + recompute)
                + " threads=" + threads;
    }
}
