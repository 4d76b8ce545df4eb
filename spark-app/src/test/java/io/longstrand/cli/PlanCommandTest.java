package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanCommandTest {
    @TempDir
    private Path directory;

    private Path configuration;

    @BeforeEach
    void write() throws IOException {
        configuration = directory.resolve("small.conf");
        Files.writeString(configuration, """
                backend = cpu
                run.threads = 1
                data.sequence-length = 256
                model { layers = 2, hidden = 64, heads = 2 }
                train.micro-batch = 4
                """);
    }

    @Test
    void every_owner_is_given_and_nothing_is_left_behind() throws IOException {
        CommandRun run = plan("run.directory=" + directory.resolve("run"), "--json");

        assertThat(run.exitCode()).isZero();
        JsonNode document = new ObjectMapper().readTree(run.output());
        assertThat(document.get("fits").booleanValue()).isTrue();
        assertThat(document.get("perRank").get("device").fieldNames())
                .toIterable()
                .contains("parameters", "gradients", "optimizer state", "activations", "batch", "scratch of kernels");
        assertThat(document.get("longestSequence").intValue())
                .isGreaterThan(256)
                .isEqualTo(64 * (document.get("longestSequence").intValue() / 64));
        assertThat(document.get("communicationBytesPerStep")).isEmpty();
        assertThat(document.get("advice")).isEmpty();
        assertThat(directory.resolve("run")).doesNotExist();
        assertThat(run.messages()).contains("device memory: ").contains("longest sequence that fits: ");
    }

    @Test
    void what_ranks_send_is_planned_and_sharing_their_state_is_advised() throws IOException {
        // More state than activations.
        String[] step = {
            "parallel.data=4", "train.micro-batch=1", "data.sequence-length=64", "model.hidden=256", "--json"
        };
        CommandRun run = plan(step);
        JsonNode sent = new ObjectMapper().readTree(run.output()).get("communicationBytesPerStep");
        assertThat(sent.fieldNames()).toIterable().containsExactly("all-reduce", "all-gather");
        assertThat(run.messages()).contains("sent by a rank in a step: ");
        String[] refused = Arrays.copyOf(step, step.length + 1);
        refused[step.length] = "memory.device-budget=" + device(new ObjectMapper().readTree(run.output())) * 9 / 10;

        JsonNode advice = new ObjectMapper().readTree(plan(refused).output()).get("advice");

        assertThat(StreamSupport.stream(advice.spliterator(), false).map(PlanCommandTest::settings))
                .contains(List.of("zero.stage=1"), List.of("zero.stage=3"));
    }

    @Test
    void what_is_advised_fits_when_it_is_followed() throws IOException {
        long needed = device(new ObjectMapper().readTree(plan("--json").output()));
        String budget = "memory.device-budget=" + needed * 9 / 10;

        CommandRun refused = plan(budget, "--json");

        assertThat(refused.exitCode()).isZero();
        JsonNode document = new ObjectMapper().readTree(refused.output());
        assertThat(document.get("fits").booleanValue()).isFalse();
        assertThat(document.get("longestSequence").intValue()).isLessThan(256);
        List<List<String>> advised = StreamSupport.stream(document.get("advice").spliterator(), false)
                .map(PlanCommandTest::settings)
                .toList();
        assertThat(advised).contains(List.of("train.micro-batch=2"), List.of("train.precision=bf16"));
        for (List<String> settings : advised) {
            settings.add(budget);
            settings.add("--json");
            JsonNode followed = new ObjectMapper()
                    .readTree(plan(settings.toArray(String[]::new)).output());
            assertThat(followed.get("fits").booleanValue()).as("%s", settings).isTrue();
        }
    }

    @Test
    void levers_are_advised_with_what_they_cost() throws IOException {
        JsonNode document = new ObjectMapper()
                .readTree(plan("model.hidden=512", "train.micro-batch=1", "memory.device-budget=96MiB", "--json")
                        .output());

        JsonNode offload = StreamSupport.stream(document.get("advice").spliterator(), false)
                .filter(advice -> settings(advice).contains("memory.offload.optimizer=host"))
                .findFirst()
                .orElseThrow();
        assertThat(offload.get("deviceBytes").longValue()).isLessThanOrEqualTo(96L << 20);
        assertThat(offload.get("extraFlops").doubleValue()).isZero();
        assertThat(offload.get("extraMovedBytes").longValue()).isPositive();
    }

    @Test
    void what_is_computed_again_is_advised_with_its_operations() throws IOException {
        String[] step = {"data.sequence-length=4096", "train.micro-batch=1", "--json"};
        long needed = device(new ObjectMapper().readTree(plan(step).output()));
        String[] refused = {step[0], step[1], step[2], "memory.device-budget=" + needed * 3 / 4};

        CommandRun run = plan(refused);

        JsonNode full = StreamSupport.stream(
                        new ObjectMapper().readTree(run.output()).get("advice").spliterator(), false)
                .filter(advice -> settings(advice).equals(List.of("memory.recompute=full")))
                .findFirst()
                .orElseThrow();
        // One layer: 2·T·h·(3h + 3h + h + 4h) for the products, those of queries, keys and values twice, and 4·h·T·(T +
        // 1)/2
        // to attend again, with h = 64.
        double layer = 2.0 * 4096 * 64 * 64 * 11 + 4.0 * 64 * 4096 * 4097 / 2;
        assertThat(full.get("extraFlops").doubleValue()).isEqualTo(2 * layer);
        assertThat(full.get("extraFlopsShare").doubleValue()).isBetween(0.2, 0.3);
        assertThat(full.get("extraMovedBytes").longValue()).isZero();
        assertThat(run.messages())
                .containsPattern("memory.recompute=full\\R      device .* FLOP more \\(\\+2\\d\\.\\d%\\)");
    }

    @Test
    void a_step_too_long_for_every_lever_is_advised_the_longest_with_all() throws IOException {
        JsonNode document = new ObjectMapper()
                .readTree(plan(
                                "data.sequence-length=1048576",
                                "train.micro-batch=1",
                                "memory.device-budget=64MiB",
                                "--json")
                        .output());

        List<String> all = settings(document.get("advice").get(0));
        assertThat(all)
                .contains(
                        "memory.recompute=full", "memory.mlp-tile=2048", "train.precision=bf16", "train.micro-batch=1");
        int longest = Integer.parseInt(all.get(all.size() - 1).replace("data.sequence-length=", ""));
        assertThat(longest).isGreaterThan(2 * document.get("longestSequence").intValue());
    }

    @Test
    void a_budget_that_nothing_fits_names_the_smallest_that_would() throws IOException {
        CommandRun refused = plan("memory.device-budget=64KiB");

        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.output()).isEmpty();
        assertThat(refused.messages())
                .contains("memory.device-budget = 65536")
                .contains("the smallest budget that would is memory.device-budget = ");
        String smallest = refused.messages().replaceFirst("(?s).*would is memory.device-budget = (\\d+).*", "$1");
        String with = refused.messages().replaceFirst("(?s).*, with (.*)\\R", "$1");
        List<String> settings = new ArrayList<>(List.of(with.split(" ")));
        settings.add("memory.device-budget=" + smallest);
        settings.add("--json");
        CommandRun followed = plan(settings.toArray(String[]::new));
        assertThat(new ObjectMapper().readTree(followed.output()).get("fits").booleanValue())
                .isTrue();
    }

    private CommandRun plan(String... settings) {
        List<String> arguments = new ArrayList<>(List.of("plan", "--conf", configuration.toString()));
        arguments.addAll(List.of(settings));
        return CommandRun.of(arguments.toArray(String[]::new));
    }

    private static long device(JsonNode document) {
        return StreamSupport.stream(document.get("perRank").get("device").spliterator(), false)
                .mapToLong(JsonNode::longValue)
                .sum();
    }

    private static List<String> settings(JsonNode advice) {
        List<String> settings = new ArrayList<>();
        advice.get("settings").forEach(setting -> settings.add(setting.textValue()));
        return settings;
    }
}
