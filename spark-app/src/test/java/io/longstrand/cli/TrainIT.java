package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.checkpoint.RunLock;
import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a genome to a trained model and back, every command in this JVM. */
class TrainIT {
    @TempDir
    private static Path directory;

    private static TinyRun tiny;
    private static CommandRun trained;

    @BeforeAll
    static void train() throws IOException {
        tiny = new TinyRun(directory);
        trained = CommandRun.of(tiny.train("whole", tiny.genome(), "train.steps=6", "--json"));
    }

    @Test
    void training_leaves_a_complete_run_directory() {
        assertThat(trained.exitCode()).as(trained.messages()).isZero();
        assertThat(tiny.run("whole"))
                .isDirectoryContaining("glob:**/config.conf")
                .isDirectoryContaining("glob:**/status.json")
                .isDirectoryContaining("glob:**/events.jsonl")
                .isDirectoryContaining("glob:**/report.html");
        assertThat(tiny.run("whole").resolve("tb")).isNotEmptyDirectory();
        assertThat(tiny.run("whole").resolve("data/manifest.json")).exists();
        assertThat(tiny.run("whole").resolve("checkpoints/step-6/manifest.json"))
                .exists();
        assertThat(tiny.run("whole").resolve("logs/rank-0.log")).content().contains("RunStarted");
        assertThat(tiny.run("whole").resolve("status.json")).content().contains("FINISHED");
    }

    @Test
    void training_ends_with_the_table_of_baselines() {
        assertThat(trained.messages())
                .contains("held-out bits/base", "> this model", "order-2", "order-12", "mix", "2-bit");
    }

    @Test
    void json_is_one_document_with_the_promised_fields() throws IOException {
        JsonNode json = new ObjectMapper()
                .enable(com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .readTree(trained.output());

        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "run",
                        "steps",
                        "trainingSeconds",
                        "stopped",
                        "validation",
                        "baselines",
                        "tokensPerSecond",
                        "samplesPerSecond",
                        "modelGflops",
                        "mfu",
                        "hfu",
                        "deviceBytes",
                        "hostBytes",
                        "mask",
                        "residentSetPeak",
                        "residentSetGrowth",
                        "checkpoint");
        assertThat(json.at("/steps").asLong()).isEqualTo(6);
        assertThat(json.at("/validation/bases").asLong()).isEqualTo(1200);
        assertThat(json.at("/deviceBytes/peak").asLong()).isPositive();
    }

    @Test
    void a_directory_that_holds_a_run_is_refused_and_the_message_says_how_to_go_on() throws IOException {
        CommandRun again = CommandRun.of(tiny.train("whole", tiny.genome()));

        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.messages().lines()).hasSize(1);
        assertThat(again.messages()).contains("already holds a run", "train --resume run.directory=");
    }

    @Test
    void evaluate_gives_the_figure_of_the_training_table() throws IOException {
        CommandRun evaluated = CommandRun.of("evaluate", tiny.named("whole"), "--json");

        assertThat(evaluated.exitCode()).as(evaluated.messages()).isZero();
        ObjectMapper mapper = new ObjectMapper();
        assertThat(mapper.readTree(evaluated.output()).get("validation"))
                .isEqualTo(mapper.readTree(trained.output()).get("validation"));
        assertThat(mapper.readTree(evaluated.output()).get("baselines"))
                .isEqualTo(mapper.readTree(trained.output()).get("baselines"));
    }

    @Test
    void a_resumed_run_repeats_the_uninterrupted_one_bit_for_bit() throws IOException {
        CommandRun first = CommandRun.of(tiny.train("parts", tiny.genome(), "train.steps=3"));
        CommandRun second = CommandRun.of("train", "--resume", tiny.named("parts"), "train.steps=6");

        assertThat(first.exitCode()).as(first.messages()).isZero();
        assertThat(second.exitCode()).as(second.messages()).isZero();
        assertThat(losses("parts")).hasSize(6).isEqualTo(losses("whole"));
    }

    @Test
    void a_resumed_run_keeps_its_other_settings() {
        CommandRun changed = CommandRun.of("train", "--resume", tiny.named("whole"), "train.seed=2");

        assertThat(changed.exitCode()).isEqualTo(2);
        assertThat(changed.messages()).contains("a resumed run keeps its train.seed");
    }

    @Test
    void generate_writes_fasta_of_the_length_asked_for() {
        CommandRun generated = CommandRun.of("generate", tiny.named("whole"), "--length", "100");

        assertThat(generated.exitCode()).as(generated.messages()).isZero();
        assertThat(generated.output()).startsWith(">generated");
        assertThat(generated.output().lines().skip(1).mapToInt(String::length).sum())
                .isEqualTo(100);
        assertThat(generated.messages()).contains("GC ", "longest exact match");
    }

    @Test
    void a_corrupt_checkpoint_byte_is_told_with_the_name_of_the_file() throws IOException {
        copy(tiny.run("whole"), tiny.run("corrupt"));
        Path model = tiny.run("corrupt").resolve("checkpoints/step-6/model-00001-of-00001.safetensors");
        flipLastByte(model);

        CommandRun evaluated = CommandRun.of("evaluate", tiny.named("corrupt"));

        assertThat(evaluated.exitCode()).isEqualTo(2);
        assertThat(evaluated.messages().lines()).hasSize(1);
        assertThat(evaluated.messages()).contains("model-00001-of-00001.safetensors");
    }

    @Test
    void a_damaged_token_shard_is_told_with_the_name_of_the_file() throws IOException {
        copy(tiny.run("whole"), tiny.run("damaged"));
        Path shard;
        try (Stream<Path> files = Files.list(tiny.run("damaged").resolve("data"))) {
            shard = files.filter(file -> file.toString().endsWith(".bin"))
                    .findFirst()
                    .orElseThrow();
        }
        flipLastByte(shard);

        CommandRun evaluated = CommandRun.of("evaluate", tiny.named("damaged"));

        assertThat(evaluated.exitCode()).isEqualTo(2);
        assertThat(evaluated.messages().lines()).hasSize(1);
        assertThat(evaluated.messages()).contains(shard.toString());
    }

    @Test
    void a_run_directory_can_be_moved() throws IOException {
        copy(tiny.run("whole"), tiny.run("to-move"));
        Files.move(tiny.run("to-move"), tiny.run("moved"));

        CommandRun resumed = CommandRun.of("train", "--resume", tiny.named("moved"), "train.steps=7");

        assertThat(resumed.exitCode()).as(resumed.messages()).isZero();
        assertThat(tiny.run("to-move")).doesNotExist();
        assertThat(Files.readString(tiny.run("moved").resolve("config.conf"))).contains("${run.directory}\"/data\"");
    }

    @Test
    void a_run_another_process_trains_is_left_alone() throws IOException {
        copy(tiny.run("whole"), tiny.run("shared"));
        try (RunLock lock = RunLock.take(
                FileStore.local(), new RunDirectory(tiny.run("shared").toString()))) {
            assertThat(lock).isNotNull();

            CommandRun second = CommandRun.of("train", "--resume", tiny.named("shared"), "train.steps=7");

            assertThat(second.exitCode()).isEqualTo(2);
            assertThat(second.messages()).contains("trains there now", "run.lock");
        }
    }

    @Test
    void a_run_that_is_not_there_cannot_be_resumed() {
        CommandRun resumed = CommandRun.of("train", "--resume", tiny.named("nowhere"));

        assertThat(resumed.exitCode()).isEqualTo(2);
        assertThat(resumed.messages()).contains("holds no run");
        assertThat(tiny.run("nowhere")).doesNotExist();
    }

    private static List<Double> losses(String run) throws IOException {
        return new EventLog(FileStore.local(), tiny.run(run).toString())
                .read().stream()
                        .filter(StepCompleted.class::isInstance)
                        .map(event -> ((StepCompleted) event).loss())
                        .toList();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static void flipLastByte(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
    }
}
