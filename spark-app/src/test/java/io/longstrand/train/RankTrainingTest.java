package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.metrics.CheckpointWritten;
import io.longstrand.metrics.RunFinished;
import io.longstrand.metrics.RunStarted;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.ValidationCompleted;
import io.longstrand.train.TinyRun.RecordingDriver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RankTrainingTest {
    @TempDir
    Path directory;

    private TinyRun runs;

    @BeforeEach
    void prepare() throws IOException {
        runs = new TinyRun(directory);
    }

    @Test
    void training_learns_and_reports_each_step() throws IOException {
        RecordingDriver driver = new RecordingDriver();

        TrainingOutcome outcome = TinyRun.train(
                runs.configuration(
                        "run",
                        "train.steps=200",
                        "train.validation.every=75",
                        "data.reverse-complement=false",
                        "train.optimiser.learning-rate=0.003"),
                driver);

        assertThat(outcome.steps()).isEqualTo(200);
        assertThat(outcome.stopped()).isFalse();
        assertThat(outcome.validation().bases()).isEqualTo(600);
        // Seven equally likely words of three bases in a known frame: log2(7) / 3 = 0.94 at best.
        assertThat(outcome.validation().bitsPerBase()).isBetween(0.9, 1.5);
        assertThat(outcome.baselines()).containsKeys("2-bit", "order-2", "order-12", "mix");
        assertThat(outcome.validation().bitsPerBase())
                .isLessThan(outcome.baselines().get("2-bit"));
        assertThat(outcome.deviceBytes().peak()).isPositive();
        assertThat(Path.of(outcome.checkpoint())).isDirectory();
        List<StepCompleted> steps = driver.events(StepCompleted.class);
        assertThat(steps).hasSize(200);
        assertThat(steps.get(199).tokens()).isEqualTo(200L * 4 * 16);
        assertThat(steps.get(199).loss()).isLessThan(steps.get(0).loss() * 0.8);
        assertThat(steps).allMatch(step -> step.mfu() > 0 && step.hfu() > step.mfu() && step.hfu() < 1.5);
        assertThat(driver.events(RunStarted.class)).hasSize(1);
        assertThat(driver.events(ValidationCompleted.class))
                .extracting(ValidationCompleted::step, ValidationCompleted::complete)
                .containsExactly(tuple(75L, false), tuple(150L, false), tuple(200L, true));
        assertThat(driver.events(RunFinished.class)).hasSize(1);
    }

    @Test
    void planned_memory_is_exactly_what_training_takes() throws IOException {
        TrainingOutcome outcome = TinyRun.train(runs.configuration("run"), new RecordingDriver());

        assertThat(outcome.deviceBytes().peak()).isEqualTo(outcome.deviceBytes().planned());
        assertThat(outcome.hostBytes().peak()).isEqualTo(outcome.hostBytes().planned());
    }

    @Test
    void the_same_seed_gives_the_same_bits() throws IOException {
        RecordingDriver first = new RecordingDriver();
        RecordingDriver second = new RecordingDriver();

        TrainingOutcome one = TinyRun.train(runs.configuration("one"), first);
        TrainingOutcome two = TinyRun.train(runs.configuration("two"), second);

        assertThat(second.losses()).isEqualTo(first.losses()).hasSize(8);
        assertThat(two.validation()).isEqualTo(one.validation());
        RecordingDriver other = new RecordingDriver();
        TinyRun.train(runs.configuration("three", "train.seed=2"), other);
        assertThat(other.losses()).isNotEqualTo(first.losses());
    }

    @Test
    void a_stopped_run_saves_and_resumes_bit_for_bit() throws IOException {
        RecordingDriver uninterrupted = new RecordingDriver();
        TrainingOutcome whole = TinyRun.train(runs.configuration("whole"), uninterrupted);
        RunConfiguration configuration = runs.configuration("halves");
        RecordingDriver before = new RecordingDriver(step -> step == 3 ? StopAnswer.STOP : StopAnswer.GO_ON);
        RecordingDriver after = new RecordingDriver();

        TrainingOutcome stopped = TinyRun.train(configuration, before);
        TrainingOutcome resumed = TinyRun.train(configuration, after);

        assertThat(stopped.stopped()).isTrue();
        assertThat(stopped.steps()).isEqualTo(3);
        assertThat(stopped.validation()).isNull();
        assertThat(before.losses()).isEqualTo(uninterrupted.losses().subList(0, 3));
        assertThat(after.losses()).isEqualTo(uninterrupted.losses().subList(3, 8));
        assertThat(resumed.steps()).isEqualTo(8);
        assertThat(resumed.validation()).isEqualTo(whole.validation());
        List<StepCompleted> steps = after.events(StepCompleted.class);
        assertThat(steps.get(4).tokens()).isEqualTo(8L * 4 * 16);
        assertThat(Files.mismatch(modelFile(whole), modelFile(resumed))).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"optimizer", "parameters", "optimizer parameters"})
    void state_on_the_host_changes_no_bit_and_takes_what_was_planned(String parts) throws IOException {
        RecordingDriver resident = new RecordingDriver();
        RecordingDriver offloaded = new RecordingDriver();
        TrainingOutcome expected = TinyRun.train(runs.configuration("resident", "model.layers=3"), resident);

        TrainingOutcome outcome = TinyRun.train(runs.configuration("offloaded", settings(parts)), offloaded);

        assertThat(offloaded.losses()).isEqualTo(resident.losses());
        assertThat(outcome.validation()).isEqualTo(expected.validation());
        assertThat(Files.mismatch(modelFile(expected), modelFile(outcome))).isEqualTo(-1);
        assertThat(outcome.deviceBytes().planned())
                .isLessThan(expected.deviceBytes().planned());
        assertThat(outcome.hostBytes().planned())
                .isGreaterThan(expected.hostBytes().planned());
        assertThat(outcome.hostBytes().peak()).isEqualTo(outcome.hostBytes().planned());
    }

    @ParameterizedTest
    @ValueSource(strings = {"attention", "attention+mlp", "full"})
    void activations_computed_again_change_no_bit_and_are_executed_operations(String recompute) throws IOException {
        RecordingDriver resident = new RecordingDriver();
        RecordingDriver again = new RecordingDriver();
        TrainingOutcome expected = TinyRun.train(runs.configuration("resident", "data.sequence-length=64"), resident);

        TrainingOutcome outcome = TinyRun.train(
                runs.configuration("again", "data.sequence-length=64", "memory.recompute=" + recompute), again);

        assertThat(again.losses()).isEqualTo(resident.losses());
        assertThat(outcome.validation()).isEqualTo(expected.validation());
        assertThat(Files.mismatch(modelFile(expected), modelFile(outcome))).isEqualTo(-1);
        assertThat(outcome.deviceBytes().peak())
                .isEqualTo(outcome.deviceBytes().planned())
                .isLessThan(expected.deviceBytes().peak());
        assertThat(outcome.hfu() / outcome.mfu()).isGreaterThan(expected.hfu() / expected.mfu() + 0.02);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kind=causal",
                "kind=document",
                "kind=window attention.mask.window=40",
                "kind=window attention.mask.window=40 train.precision=bf16",
                "kind=window attention.mask.window=40 memory.mask-cache=0"
            })
    void masks_made_on_the_host_change_no_bit_and_take_what_was_planned(String mask) throws IOException {
        String[] settings = ("data.sequence-length=150 train.steps=3 attention.mask." + mask).split(" ");
        String[] onHost = Arrays.copyOf(settings, settings.length + 1);
        onHost[settings.length] = "attention.mask.placement=host";
        RecordingDriver structured = new RecordingDriver();
        RecordingDriver host = new RecordingDriver();
        TrainingOutcome expected = TinyRun.train(runs.configuration("structured", settings), structured);

        TrainingOutcome outcome = TinyRun.train(runs.configuration("host", onHost), host);

        assertThat(host.losses()).isEqualTo(structured.losses());
        assertThat(outcome.validation()).isEqualTo(expected.validation());
        assertThat(Files.mismatch(modelFile(expected), modelFile(outcome))).isEqualTo(-1);
        assertThat(outcome.deviceBytes().peak()).isEqualTo(outcome.deviceBytes().planned());
        assertThat(outcome.hostBytes().peak()).isEqualTo(outcome.hostBytes().planned());
        assertThat(outcome.mask().tiles()).isPositive();
        assertThat(outcome.mask().hostBytes()).isPositive();
        assertThat(host.events(StepCompleted.class)).allSatisfy(step -> {
            assertThat(step.mask().deviceBytes()).isEqualTo(outcome.mask().deviceBytes());
            assertThat(step.mask().movedBytes()).isPositive();
            assertThat(step.mask().seconds()).isPositive();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "host, 1, none",
        "host, 2, none",
        "host, 5, none",
        "host, 4, full",
        "disk, 3, none",
        "disk, 5, attention"
    })
    void activations_off_the_device_change_no_bit(String place, int layers, String recompute) throws IOException {
        RecordingDriver resident = new RecordingDriver();
        RecordingDriver offloaded = new RecordingDriver();
        String[] model = {"model.layers=" + layers, "memory.recompute=" + recompute};
        TrainingOutcome expected = TinyRun.train(runs.configuration("resident", model), resident);

        TrainingOutcome outcome = TinyRun.train(
                runs.configuration(
                        "offloaded",
                        model[0],
                        model[1],
                        "memory.offload.activations=" + place,
                        "memory.offload.directory=" + directory),
                offloaded);

        assertThat(offloaded.losses()).isEqualTo(resident.losses());
        assertThat(outcome.validation()).isEqualTo(expected.validation());
        assertThat(Files.mismatch(modelFile(expected), modelFile(outcome))).isEqualTo(-1);
        assertThat(outcome.deviceBytes().peak()).isEqualTo(outcome.deviceBytes().planned());
        assertThat(outcome.hostBytes().peak()).isEqualTo(outcome.hostBytes().planned());
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("data", "resident", "offloaded");
        if (layers > 2) {
            assertThat(outcome.deviceBytes().planned())
                    .isLessThan(expected.deviceBytes().planned());
        }
    }

    @Test
    void a_full_disk_ends_the_step_and_the_run_can_be_resumed() throws IOException {
        String[] settings = {
            "model.layers=5", "memory.offload.activations=disk", "memory.offload.directory=" + directory
        };
        RecordingDriver uninterrupted = new RecordingDriver();
        TrainingOutcome whole = TinyRun.train(runs.configuration("whole", settings), uninterrupted);
        RunConfiguration configuration = runs.configuration("halves", settings);
        TinyRun.train(configuration, new RecordingDriver(step -> step == 3 ? StopAnswer.STOP : StopAnswer.GO_ON));
        RecordingDriver after = new RecordingDriver();
        // Of 3 layers that leave: 2 x 16 tokens, FLOAT32, 10 times hidden and a log-sum-exp for each head.
        long needed = 3 * 2 * 16 * 4 * (10 * 32 + 2);

        assertThatThrownBy(() -> TinyRun.train(configuration, new RecordingDriver(), TinyRun.fullDisk()))
                .isInstanceOf(RunFailure.class)
                .hasMessageStartingWith("memory.offload.directory = " + directory + ": writing activations failed: "
                        + "No space left on device; a step needs " + needed + " bytes there and ")
                .hasMessageEndingWith(" are free; make room or name another directory, then resume");
        TrainingOutcome resumed = TinyRun.train(configuration, after);

        assertThat(after.losses()).isEqualTo(uninterrupted.losses().subList(3, 8));
        assertThat(Files.mismatch(modelFile(whole), modelFile(resumed))).isEqualTo(-1);
    }

    @Test
    void a_directory_for_activations_that_is_not_there_is_named() {
        Path nowhere = directory.resolve("nowhere");
        RunConfiguration configuration = runs.configuration(
                "run", "model.layers=3", "memory.offload.activations=disk", "memory.offload.directory=" + nowhere);

        assertThatThrownBy(() -> TinyRun.train(configuration, new RecordingDriver()))
                .isInstanceOf(UserError.class)
                .hasMessage("memory.offload.directory = " + nowhere
                        + ": no such directory on this machine; name one on a local disk of every rank");
    }

    @Test
    void a_run_resumed_with_its_state_on_the_host_goes_on_bit_for_bit() throws IOException {
        RecordingDriver uninterrupted = new RecordingDriver();
        TrainingOutcome whole = TinyRun.train(runs.configuration("whole", "model.layers=3"), uninterrupted);
        RecordingDriver before = new RecordingDriver(step -> step == 3 ? StopAnswer.STOP : StopAnswer.GO_ON);
        TinyRun.train(runs.configuration("halves", "model.layers=3"), before);
        RecordingDriver after = new RecordingDriver();

        TrainingOutcome resumed = TinyRun.train(runs.configuration("halves", settings("optimizer parameters")), after);

        assertThat(after.losses()).isEqualTo(uninterrupted.losses().subList(3, 8));
        assertThat(resumed.validation()).isEqualTo(whole.validation());
        assertThat(Files.mismatch(modelFile(whole), modelFile(resumed))).isEqualTo(-1);
    }

    @Test
    void bf16_stays_within_one_percent_of_fp32() throws IOException {
        RecordingDriver wide = new RecordingDriver();
        RecordingDriver narrow = new RecordingDriver();
        String[] wideSettings = {"train.steps=60", "train.optimiser.learning-rate=0.003"};

        TrainingOutcome expected = TinyRun.train(runs.configuration("wide", wideSettings), wide);
        TrainingOutcome outcome = TinyRun.train(
                runs.configuration("narrow", wideSettings[0], wideSettings[1], "train.precision=bf16"), narrow);

        assertThat(narrow.losses()).isNotEqualTo(wide.losses());
        for (int step = 0; step < 60; step++) {
            double loss = wide.losses().get(step);
            assertThat(narrow.losses().get(step))
                    .as("loss of step %d", step + 1)
                    .isCloseTo(loss, within(0.01 * loss));
        }
        assertThat(outcome.validation().bitsPerBase())
                .isCloseTo(
                        expected.validation().bitsPerBase(),
                        within(0.01 * expected.validation().bitsPerBase()));
    }

    @Test
    void a_bf16_run_resumed_with_its_state_on_the_host_goes_on_bit_for_bit() throws IOException {
        RecordingDriver uninterrupted = new RecordingDriver();
        TrainingOutcome whole = TinyRun.train(runs.configuration("whole", "train.precision=bf16"), uninterrupted);
        RecordingDriver before = new RecordingDriver(step -> step == 3 ? StopAnswer.STOP : StopAnswer.GO_ON);
        TinyRun.train(runs.configuration("halves", "train.precision=bf16"), before);
        RecordingDriver after = new RecordingDriver();

        TrainingOutcome resumed = TinyRun.train(
                runs.configuration(
                        "halves",
                        "train.precision=bf16",
                        "memory.offload.optimizer=host",
                        "memory.offload.parameters=host"),
                after);

        assertThat(after.losses()).isEqualTo(uninterrupted.losses().subList(3, 8));
        assertThat(resumed.validation()).isEqualTo(whole.validation());
        assertThat(Files.mismatch(modelFile(whole), modelFile(resumed))).isEqualTo(-1);
        assertThat(resumed.hostBytes().peak()).isEqualTo(resumed.hostBytes().planned());
    }

    private static String[] settings(String offloaded) {
        return Stream.concat(
                        Stream.of("model.layers=3"),
                        Stream.of(offloaded.split(" ")).map(part -> "memory.offload." + part + "=host"))
                .toArray(String[]::new);
    }

    @Test
    void the_newest_checkpoints_are_kept() throws IOException {
        RecordingDriver driver = new RecordingDriver(step -> step == 5 ? StopAnswer.CHECKPOINT : StopAnswer.GO_ON);

        TinyRun.train(runs.configuration("run", "checkpoint.every=3", "checkpoint.keep=2"), driver);

        assertThat(driver.events(CheckpointWritten.class))
                .extracting(CheckpointWritten::step)
                .containsExactly(3L, 5L, 6L, 8L);
        assertThat(directory.resolve("run/checkpoints")).isDirectoryContaining("glob:**/step-{6,8}");
        assertThat(directory.resolve("run/checkpoints").toFile().list()).containsExactlyInAnyOrder("step-6", "step-8");
    }

    @Test
    void a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_checkpoint() {
        RunConfiguration configuration = runs.configuration(
                "run",
                "train.optimiser.learning-rate=1e38",
                "train.schedule.warm-up-steps=0",
                "checkpoint.every=1",
                "train.optimiser.weight-decay=1e38");

        assertThatThrownBy(() -> TinyRun.train(configuration, new RecordingDriver()))
                .isInstanceOf(RunFailure.class)
                .hasMessageMatching("step 2: the loss is .*nothing was updated.*");
        assertThat(directory.resolve("run/checkpoints/step-1/manifest.json")).exists();
        assertThat(directory.resolve("run/checkpoints/step-2")).doesNotExist();
    }

    @Test
    void a_damaged_checkpoint_names_the_file() throws IOException {
        RunConfiguration configuration = runs.configuration("run");
        TinyRun.train(configuration, new RecordingDriver(step -> StopAnswer.STOP));
        for (String name : List.of("model-00001-of-00001.safetensors", "optimizer-00001-of-00001.safetensors")) {
            Path file = directory.resolve("run/checkpoints/step-1/" + name);
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);

            assertThatThrownBy(() -> TinyRun.train(configuration, new RecordingDriver()))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith(file + ": SHA-256 is ");

            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }
    }

    @Test
    void a_manifest_with_another_step_is_refused() throws IOException {
        RunConfiguration configuration = runs.configuration("run");
        TinyRun.train(configuration, new RecordingDriver(step -> StopAnswer.STOP));
        Path manifest = directory.resolve("run/checkpoints/step-1/manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("\"step\" : 1", "\"step\" : 3"));

        assertThatThrownBy(() -> TinyRun.train(configuration, new RecordingDriver()))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(manifest + ": damaged");
    }

    @Test
    void a_checkpoint_of_other_settings_is_refused() throws IOException {
        TinyRun.train(runs.configuration("run"), new RecordingDriver(step -> StopAnswer.STOP));

        assertThatThrownBy(() -> TinyRun.train(runs.configuration("run", "train.seed=9"), new RecordingDriver()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("was trained with other settings or other data");
    }

    @Test
    void a_finished_run_that_is_resumed_only_scores() throws IOException {
        RunConfiguration configuration = runs.configuration("run");
        TrainingOutcome first = TinyRun.train(configuration, new RecordingDriver());
        RecordingDriver driver = new RecordingDriver();

        TrainingOutcome again = TinyRun.train(configuration, driver);

        assertThat(driver.events(StepCompleted.class)).isEmpty();
        assertThat(again.validation()).isEqualTo(first.validation());
        assertThat(again.checkpoint()).isEqualTo(first.checkpoint());
    }

    @Test
    void a_budget_that_is_too_small_says_what_would_fit() {
        assertThatThrownBy(() ->
                        TinyRun.train(runs.configuration("run", "memory.device-budget=520KiB"), new RecordingDriver()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("memory.device-budget = 532480")
                .hasMessageContaining("would fit");
        assertThat(directory.resolve("run")).doesNotExist();
    }

    private static Path modelFile(TrainingOutcome outcome) {
        return Path.of(outcome.checkpoint(), "model-00001-of-00001.safetensors");
    }
}
