package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranks that share every matrix: their share of the state, what they send, their checkpoints. */
class TensorRunsTest {
    private static final int STEPS = 20;
    private static final int SEQUENCES = 4;

    /** Padded wherever four ranks share a sequence. */
    private static final int LENGTH = 22;

    /** Sizes of the axes and ZeRO stage. */
    private record Ranks(int tensor, int data, int context, int stage) {
        private static final Ranks ONE = new Ranks(1, 1, 1, 0);
    }

    @TempDir
    Path directory;

    private TinyRun runs;

    @BeforeEach
    void prepare() throws IOException {
        runs = new TinyRun(directory);
    }

    @Test
    void a_checkpoint_of_tensor_ranks_goes_on_in_any_other_layout_on_the_curve_of_one_rank() throws IOException {
        Relay relay = new Relay();

        relay.leg(run("relay", new Ranks(2, 1, 1, 0)), 3);
        relay.leg(run("relay", new Ranks(1, 2, 1, 3)), 7);
        relay.leg(run("relay", new Ranks(4, 1, 1, 0)), 10);
        relay.leg(run("relay", new Ranks(2, 1, 2, 2)), 15);
        relay.leg(run("relay", Ranks.ONE), STEPS);

        relay.assertFollows(run("alone", Ranks.ONE));
    }

    @ParameterizedTest
    @CsvSource({"2, fp32", "4, fp32", "2, bf16"})
    void a_layer_sends_what_the_formula_says(int ranks, String precision) {
        long hidden = 64;
        long tokens = SEQUENCES * (long) (ranks == 4 ? 24 : LENGTH);
        long width = precision.equals("fp32") ? 4 : 2;
        // 4Nh(P−1)/P forward and 6Nh(P−1)/P backward; sums and slices of norms' and biases' gradients aside.
        long expected = 10 * tokens * hidden * (ranks - 1) / ranks * width;
        long layer = layerBytes(ranks, precision, 5) - layerBytes(ranks, precision, 4);
        long replicated = 6 * hidden * 4 * 2 * (ranks - 1) / ranks;
        assertThat(layer - replicated).isCloseTo(expected, within(expected / 100));
    }

    private long layerBytes(int ranks, String precision, int layers) {
        RunConfiguration configuration =
                run("plan", new Ranks(ranks, 1, 1, 0), "model.layers=" + layers, "train.precision=" + precision);
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            return memory(configuration).communicationBytes(backend).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void a_rank_holds_its_share_of_the_state(int ranks) {
        double share = stateBytes(run("plan", new Ranks(ranks, 1, 1, 0)));
        double whole = stateBytes(run("plan", Ranks.ONE));
        // Norms and the biases of sums are on every rank.
        assertThat(share / whole * ranks).isBetween(1.0, 1.1);
    }

    private static double stateBytes(RunConfiguration configuration) {
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            Map<String, Long> device = memory(configuration).plan(backend).device();
            return Stream.of("parameters", "gradients", "optimizer state")
                    .mapToLong(owner -> device.getOrDefault(owner, 0L))
                    .sum();
        }
    }

    private static TrainingMemory memory(RunConfiguration configuration) {
        return new TrainingMemory(configuration, KmerTokenizer.kmer(3).vocabularySize());
    }

    private RunConfiguration run(String name, Ranks ranks, String... more) {
        Stream<String> settings = Stream.of(
                "parallel.tensor=" + ranks.tensor(),
                "parallel.data=" + ranks.data(),
                "parallel.context=" + ranks.context(),
                "zero.stage=" + ranks.stage(),
                "train.steps=" + STEPS,
                "train.micro-batch=2",
                "train.accumulation=" + SEQUENCES / 2 / ranks.data(),
                "model.layers=2",
                "model.hidden=64",
                "model.heads=8",
                "model.activation=gelu",
                "model.position=learned",
                "model.norm=layer",
                "model.tied=true",
                "data.sequence-length=" + LENGTH);
        return runs.configuration(name, Stream.concat(settings, Stream.of(more)).toArray(String[]::new));
    }
}
