package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs on ranks that share every sequence: validation, checkpoints, another layout behind each. */
class SequenceRunsTest {
    private static final double CURVE_TOLERANCE = 1e-4;

    @TempDir
    Path directory;

    private TinyRun runs;

    @BeforeEach
    void prepare() throws IOException {
        runs = new TinyRun(directory);
    }

    @Test
    void a_checkpoint_with_a_table_of_positions_goes_on_in_any_other_layout() throws IOException {
        Relay relay = new Relay();

        relay.leg(configuration("relay", 1, 2, 1, 1), 4);
        relay.leg(configuration("relay", 1, 1, 2, 3), 8);
        relay.leg(configuration("relay", 1, 2, 2, 2), 12);
        relay.leg(configuration("relay", 2, 2, 1, 3), 16);
        relay.leg(configuration("relay", 1, 1, 1, 0), 20);

        relay.assertFollows(configuration("alone", 1, 1, 1, 0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 0", "1, 1, 2, 1", "2, 1, 1, 2"})
    void a_checkpoint_of_two_groups_of_two_ranks_with_slices_alone_goes_to_another_layout_and_back(
            int data, int context, int head, int stage) throws IOException {
        Relay relay = new Relay();

        relay.leg(configuration("relay", 2, 2, 1, 3), 6);
        relay.leg(configuration("relay", data, context, head, stage), 13);
        relay.leg(configuration("relay", 2, 2, 1, 3), 20);

        relay.assertFollows(configuration("alone", 1, 1, 1, 0));
    }

    @Test
    void ranks_that_share_sequences_score_what_one_rank_scores() throws IOException {
        TrainingOutcome one = TinyRun.train(configuration("one", 1, 1, 1, 0), new RecordingDriver());

        List<TrainingOutcome> many = TinyRun.trainTogether(configuration("many", 1, 2, 2, 1), new RecordingDriver());

        assertThat(many).allSatisfy(outcome -> {
            assertThat(outcome.validation().bases()).isEqualTo(one.validation().bases());
            assertThat(outcome.validation().bitsPerBase())
                    .isCloseTo(one.validation().bitsPerBase(), within(CURVE_TOLERANCE));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"parallel.context", "parallel.head"})
    void two_ranks_have_room_for_a_sequence_nearly_twice_as_long(String axis) {
        int one = longest("parallel.data=1");
        int two = longest(axis + "=2");
        assertThat((double) two / one).isGreaterThanOrEqualTo(1.9);
    }

    /** By plan, of a model of two layers in 512 MiB on the device of each rank. */
    private static int longest(String layout) {
        RunConfiguration configuration = new ConfigurationLoader()
                .load(
                        Optional.empty(),
                        List.of(
                                layout,
                                "zero.stage=3",
                                "model.layers=2",
                                "model.hidden=512",
                                "model.heads=8",
                                "train.micro-batch=1"));
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            return new TrainingMemory(configuration, 70)
                    .planner(backend)
                    .longestSequence(1, new MemoryPlan.Budget(512L << 20, 1L << 40))
                    .orElseThrow();
        }
    }

    private RunConfiguration configuration(String name, int data, int context, int head, int stage) {
        return runs.configuration(
                name,
                "parallel.data=" + data,
                "parallel.context=" + context,
                "parallel.head=" + head,
                "zero.stage=" + stage,
                "model.position=learned",
                "train.micro-batch=2",
                "train.accumulation=" + 2 / data,
                "train.steps=20",
                "data.sequence-length=25",
                "train.validation.every=0",
                "train.schedule.warm-up-steps=0");
    }
}
