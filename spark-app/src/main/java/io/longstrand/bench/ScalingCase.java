package io.longstrand.bench;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.model.ConfiguredModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * One way to share a training step between two ranks.
 *
 * @param mode as in {@code mode=…}
 * @param settings that share it, {@code key=value}
 * @param length tokens of a sequence
 * @param sequences of the step, all ranks together
 * @param bar of {@code speedupToMachine}
 * @param sent bytes a rank sends in a step, by formula
 */
record ScalingCase(
        String mode,
        List<String> settings,
        int length,
        int sequences,
        double bar,
        ToDoubleFunction<ScalingFormulas> sent) {
    /** Ranks that share the step. */
    static final int RANKS = 2;

    private static final String MEGATRON = "megatron";
    private static final int LAYERS = 2;
    /** 3-mers and the special tokens. */
    static final int VOCABULARY = 70;

    private static final int LONG = 16_384;
    private static final int SHORT = 2048;
    private static final int WINDOWS = 8;
    /** Of the work of each rank of the data axis. */
    private static final String DATA = "parallel.data=" + RANKS;

    static List<ScalingCase> all() {
        return List.of(
                new ScalingCase(
                        "ring",
                        List.of("parallel.context=" + RANKS),
                        LONG,
                        1,
                        0.93,
                        formulas -> formulas.ringSent() + formulas.stateSent(0)),
                new ScalingCase(
                        "ulysses",
                        List.of("parallel.head=" + RANKS),
                        LONG,
                        1,
                        0.93,
                        formulas -> formulas.ulyssesSent() + formulas.stateSent(0)),
                new ScalingCase(
                        MEGATRON, List.of("parallel.tensor=" + RANKS), LONG, 1, 0.87, ScalingFormulas::tensorSent),
                zero(1, 0.92),
                zero(2, 0.92),
                zero(3, 0.82));
    }

    private static ScalingCase zero(int stage, double bar) {
        return new ScalingCase(
                "zero-" + stage,
                List.of(DATA, "zero.stage=" + stage),
                SHORT,
                WINDOWS,
                bar,
                formulas -> formulas.stateSent(stage));
    }

    /** Tokens of the step. */
    long tokens() {
        return (long) length * sequences;
    }

    /** What one rank alone is told to take. */
    String alone() {
        return command(sequences, List.of());
    }

    /** What each of the ranks is told to take. */
    String shared() {
        return command(settings.contains(DATA) ? sequences / RANKS : sequences, settings);
    }

    private String command(int ofRank, List<String> more) {
        List<String> words = new ArrayList<>(
                List.of("model", String.valueOf(ofRank), String.valueOf(length), String.valueOf(VOCABULARY)));
        words.addAll(settings(ofRank, more));
        return String.join(" ", words);
    }

    private List<String> settings(int ofRank, List<String> more) {
        List<String> all = new ArrayList<>(List.of(
                "model.layers=" + LAYERS,
                "model.hidden=512",
                "model.heads=8",
                "data.sequence-length=" + length,
                "train.micro-batch=" + ofRank));
        all.addAll(more);
        return all;
    }

    /** Bytes of the state a rank holds, by formula. */
    double stateBytes() {
        if (mode.equals(MEGATRON)) {
            return formulas().tensorStateBytes();
        }
        int stage = mode.startsWith("zero-") ? Integer.parseInt(mode.substring("zero-".length())) : 0;
        return formulas().stateBytes(stage);
    }

    /** The formulas for the model, and for the ranks and tokens of the step. */
    ScalingFormulas formulas() {
        RunConfiguration configuration =
                new ConfigurationLoader().load(Optional.empty(), settings(sequences, List.of()));
        return new ScalingFormulas(new ConfiguredModel(configuration).shape(VOCABULARY, length), RANKS, tokens());
    }

    /** What identifies it in a row. */
    String setting(String backendName) {
        return "backend=" + backendName + " mode=" + mode + " ranks=" + RANKS + " layers=" + LAYERS
                + " hidden=512 heads=8 S=" + length + " sequences=" + sequences + " precision=fp32 threads=1";
    }
}
