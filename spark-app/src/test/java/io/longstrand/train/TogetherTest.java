package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.inference.Score;
import io.longstrand.metrics.CheckpointWritten;
import io.longstrand.metrics.RunStarted;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.ValidationCompleted;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.ScratchDisk;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole runs on several ranks: data, validation, checkpoints, stopping. */
class TogetherTest {
    @TempDir
    Path directory;

    private TinyRun runs;

    @BeforeEach
    void prepare() throws IOException {
        runs = new TinyRun(directory);
    }

    @Test
    void a_checkpoint_goes_on_in_any_other_layout_on_the_curve_of_one_rank() throws IOException {
        Relay relay = new Relay();

        leg(relay, 1, 0, 3);
        leg(relay, 2, 3, 7);
        leg(relay, 4, 1, 12);
        leg(relay, 2, 2, 15);
        leg(relay, 1, 0, 20);

        relay.assertFollows(configuration("alone", 1, 0));
    }

    /** Goes on until so many steps are done and every rank has written its files. */
    private void leg(Relay relay, int ranks, int stage, long until) {
        TrainingOutcome outcome = relay.leg(configuration("relay", ranks, stage), until);
        String[] files = Stream.concat(
                        Stream.of("manifest.json"),
                        Stream.of("model", "optimizer").flatMap(kind -> Stream.iterate(1, rank -> rank + 1)
                                .limit(ranks)
                                .map(rank -> String.format("%s-%05d-of-%05d.safetensors", kind, rank, ranks))))
                .toArray(String[]::new);
        assertThat(Path.of(outcome.checkpoint()).toFile().list()).containsExactlyInAnyOrder(files);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void ranks_of_one_layout_give_the_same_bits_interrupted_or_not(int stage) throws IOException {
        RecordingDriver uninterrupted = new RecordingDriver();
        List<TrainingOutcome> whole = TinyRun.trainTogether(configuration("whole", 2, stage), uninterrupted);
        RecordingDriver before = new RecordingDriver(step -> step == 11 ? StopAnswer.STOP : StopAnswer.GO_ON);
        TinyRun.trainTogether(configuration("halves", 2, stage), before);
        RecordingDriver after = new RecordingDriver();

        List<TrainingOutcome> resumed = TinyRun.trainTogether(configuration("halves", 2, stage), after);

        assertThat(after.losses()).isEqualTo(uninterrupted.losses().subList(11, 20));
        assertThat(resumed.get(0).validation()).isEqualTo(whole.get(0).validation());
    }

    @Test
    void what_a_killed_attempt_left_of_a_checkpoint_is_deleted() throws IOException {
        Path checkpoints = Files.createDirectories(directory.resolve("run/checkpoints"));
        Path left = Files.createDirectory(checkpoints.resolve(".step-7.1f2e.partial"));
        Files.writeString(left.resolve("model-00002-of-00002.safetensors"), "half");

        TinyRun.trainTogether(configuration("run", 2, 1, "train.steps=1"), new RecordingDriver());

        assertThat(checkpoints.toFile().list()).containsExactly("step-1");
    }

    @Test
    void ranks_score_what_one_rank_scores_to_the_last_bit() throws IOException {
        TinyRun.trainTogether(configuration("run", 4, 3, "train.steps=2"), new RecordingDriver());
        Score ofOne = TinyRun.train(configuration("run", 1, 0, "train.steps=2"), new RecordingDriver())
                .validation();
        RecordingDriver driver = new RecordingDriver();

        List<TrainingOutcome> outcomes = TinyRun.trainTogether(configuration("run", 4, 3, "train.steps=2"), driver);

        assertThat(outcomes).extracting(TrainingOutcome::validation).containsOnly(ofOne);
        assertThat(driver.events(ValidationCompleted.class))
                .singleElement()
                .satisfies(event -> assertThat(event.bases()).isEqualTo(ofOne.bases()));
    }

    @Test
    void the_first_rank_alone_reports_what_all_have_done() {
        RecordingDriver driver = new RecordingDriver();
        RunConfiguration configuration = configuration("run", 4, 2, "train.steps=3");

        List<TrainingOutcome> outcomes = TinyRun.trainTogether(configuration, driver);

        assertThat(driver.events(RunStarted.class))
                .singleElement()
                .extracting(RunStarted::world)
                .isEqualTo(4);
        // 8 windows of 24 tokens a step.
        assertThat(driver.events(StepCompleted.class))
                .extracting(StepCompleted::tokens)
                .containsExactly(192L, 384L, 576L);
        long size = Stream.of(Path.of(outcomes.get(0).checkpoint()).toFile().listFiles())
                .filter(file -> file.getName().endsWith(".safetensors"))
                .mapToLong(File::length)
                .sum();
        assertThat(driver.events(CheckpointWritten.class))
                .singleElement()
                .extracting(CheckpointWritten::bytes)
                .isEqualTo(size);
    }

    @Test
    void a_loss_that_is_no_number_stops_all_ranks_at_the_same_step() {
        RunConfiguration configuration = configuration(
                "run",
                2,
                1,
                "train.optimiser.learning-rate=1e38",
                "train.schedule.warm-up-steps=0",
                "train.optimiser.weight-decay=1e38");

        List<String> messages;
        try (Crew crew = new Crew(InMemory.worlds(2, Duration.ofSeconds(15)))) {
            messages = crew.failures(world -> new RankTraining(
                            configuration, new RankContext(world, 1, FileStore.local(), new RecordingDriver()))
                    .run());
        }

        assertThat(messages)
                .allSatisfy(message ->
                        assertThat(message).startsWith("step 2: the loss is ").contains("nothing was updated"));
    }

    @Test
    void a_rank_whose_disk_fails_ends_the_others_too() {
        RunConfiguration configuration = configuration(
                "run",
                2,
                3,
                "memory.offload.activations=disk",
                "memory.offload.directory=" + directory,
                "model.layers=4");

        List<Throwable> errors;
        try (Crew crew = new Crew(InMemory.worlds(2, Duration.ofSeconds(15)))) {
            errors = crew.errors(world -> new RankTraining(
                            configuration,
                            new RankContext(
                                    world,
                                    1,
                                    FileStore.local(),
                                    new RecordingDriver(),
                                    world.rank() == 1 ? TinyRun.fullDisk() : ScratchDisk.local()))
                    .run());
        }

        assertThat(errors).allSatisfy(error -> assertThat(error).isInstanceOf(RunFailure.class));
        assertThat(errors.get(1)).hasMessageContaining("No space left on device");
        assertThat(errors.get(0)).hasMessageContaining("rank 1");
    }

    private RunConfiguration configuration(String name, int ranks, int stage, String... settings) {
        Stream<String> layout = Stream.of(
                "parallel.data=" + ranks,
                "zero.stage=" + stage,
                "train.micro-batch=2",
                "train.accumulation=" + 4 / ranks,
                "train.steps=20",
                "data.sequence-length=24",
                "train.validation.every=0",
                "train.schedule.warm-up-steps=0");
        return runs.configuration(
                name, Stream.concat(layout, Stream.of(settings)).toArray(String[]::new));
    }
}
