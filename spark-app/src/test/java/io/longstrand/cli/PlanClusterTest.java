package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code plan --cluster}: for machines that are not here. */
class PlanClusterTest {
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
                model { layers = 2, hidden = 64, heads = 8 }
                train.micro-batch = 1
                """);
    }

    @Test
    void a_cluster_is_planned_by_the_same_rehearsal_as_this_machine() throws IOException {
        String[] step = {"zero.stage=1", "parallel.tensor=2", "parallel.context=2", "--json"};
        JsonNode here = json(plan(step));
        JsonNode there = json(plan("--cluster", "h100-80g", step[0], step[1], step[2], step[3]));

        for (String owner : List.of("parameters", "gradients", "optimizer state", "activations", "batch")) {
            assertThat(there.get("perRank").get("device").get(owner))
                    .as(owner)
                    .isEqualTo(here.get("perRank").get("device").get(owner));
        }
        assertThat(there.get("communicationBytesPerStep")).isEqualTo(here.get("communicationBytesPerStep"));
        assertThat(here.get("cluster").isNull()).isTrue();
        assertThat(there.get("cluster").get("name").textValue()).isEqualTo("h100-80g");
        assertThat(there.get("cluster").get("stepSeconds").get("products").doubleValue())
                .isPositive();
    }

    @Test
    void a_rate_that_is_given_changes_how_long_its_part_takes() throws IOException {
        JsonNode given = json(plan("--cluster", "a100-40g", "--json"));
        JsonNode half = json(plan("--cluster", "a100-40g", "--rate", "products=0.325", "--json"));

        assertThat(half.at("/cluster/stepSeconds/products").doubleValue())
                .isEqualTo(2 * given.at("/cluster/stepSeconds/products").doubleValue());
        assertThat(half.at("/cluster/stepSeconds/attention")).isEqualTo(given.at("/cluster/stepSeconds/attention"));
    }

    @Test
    void what_gpus_send_each_other_lies_on_them_and_over_tcp_in_host_memory() throws IOException {
        String[] ring = {"parallel.context=2", "--cluster", "a100-40g", "--json"};
        JsonNode direct = json(plan(ring));
        JsonNode staged = json(plan(ring[0], ring[1], ring[2], ring[3], "comm.transport=tcp"));

        assertThat(direct.at("/perRank/host").has("communication buffers")).isFalse();
        assertThat(staged.at("/perRank/host/communication buffers").longValue()).isPositive();
        assertThat(direct.at("/perRank/device/ring").longValue())
                .isGreaterThan(staged.at("/perRank/device/ring").longValue());
        assertThat(direct.at("/cluster/stepSeconds/hostLink").doubleValue())
                .isLessThan(staged.at("/cluster/stepSeconds/hostLink").doubleValue());
    }

    @Test
    void a_cluster_lends_its_memory_unless_the_configuration_says_how_much() {
        assertThat(plan("--cluster", "a100-40g").messages())
                .contains(" of 38.0 GiB")
                .contains("a step on a100-40g takes");
        assertThat(plan("--cluster", "a100-40g", "memory.device-budget=20GiB").messages())
                .contains(" of 20.0 GiB");
    }

    @Test
    void more_gpus_train_longer_sequences_and_every_system_is_drawn() throws IOException {
        Path plot = directory.resolve("longest.svg");
        CommandRun run = plan(
                "--cluster",
                "a100-40g",
                "--longest",
                "--gpus",
                "2,8",
                "--plot",
                plot.toString(),
                "memory.device-budget=8MiB",
                "--json");

        assertThat(run.exitCode()).as(run.messages()).isZero();
        List<JsonNode> rows = new ArrayList<>();
        json(run).get("longest").forEach(rows::add);
        assertThat(rows)
                .extracting(row -> row.get("system").textValue())
                .containsSubsequence("megatron-deepspeed-2022", "megatron-lm", "megatron-deepspeed-2023", "longstrand");
        List<JsonNode> own = rows.stream()
                .filter(row -> row.get("system").textValue().equals("longstrand"))
                .toList();
        assertThat(own).extracting(row -> row.get("gpus").intValue()).containsExactly(2, 8);
        long two = own.get(0).get("longestSequence").longValue();
        long eight = own.get(1).get("longestSequence").longValue();
        assertThat(two).isPositive().isEqualTo(1024 * (two / 1024));
        assertThat(eight).isGreaterThan(2 * two);
        assertThat(Files.readString(plot)).startsWith("<svg xmlns=").contains("</svg>");
    }

    @Test
    void the_longest_sequence_fits_when_it_is_planned_for_and_the_next_does_not() throws IOException {
        JsonNode found = json(plan(
                        "--cluster", "a100-40g", "--longest", "--gpus", "8", "memory.device-budget=8MiB", "--json"))
                .get("longest");
        JsonNode own = found.get(found.size() - 1);
        List<String> settings =
                new ArrayList<>(List.of("--cluster", "a100-40g", "memory.device-budget=8MiB", "--json"));
        own.get("settings").forEach(setting -> settings.add(setting.textValue()));
        long tokens = own.get("longestSequence").longValue();

        assertThat(fits(settings, tokens)).isTrue();
        assertThat(fits(settings, tokens + 1024)).isFalse();
    }

    private boolean fits(List<String> settings, long tokens) throws IOException {
        List<String> all = new ArrayList<>(settings);
        all.add("data.sequence-length=" + tokens);
        return json(plan(all.toArray(String[]::new))).get("fits").booleanValue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--longest | --longest needs --cluster, one of a100-40g, a100-80g, h100-80g",
                "--cluster a100 | no cluster is called 'a100'; there are a100-40g, a100-80g, h100-80g",
                "--cluster a100-40g --gpus 8 | --gpus goes with --longest; without it the configuration says how many"
                        + " ranks there are (parallel.data, context, head and tensor)",
                "--plot x.svg | --plot goes with --longest",
                "--rate links=0.5 | --rate goes with --cluster",
                "--cluster a100-40g --rate links=2 | --rate links=2.0: must be above 0 and at most 1",
                "--cluster a100-40g --rate speed=0.5 | --rate speed=0.5: no part of a step is called so; there are"
                        + " products, attention, links, host-link",
                "--cluster a100-40g --longest --gpus 12 | --gpus 12: a100-40g has 8 GPUs a node, and ranks fill whole"
                        + " nodes or an equal part of one; 8 or 16 would do",
                "--cluster a100-40g --longest --gpus 0 | --gpus 0: must be positive",
                "--cluster a100-40g parallel.data=3 | parallel.data × context × head × tensor = 3: a100-40g has 8 GPUs a"
                        + " node, and ranks fill whole nodes or an equal part of one; 8 would do",
                "--cluster a100-40g --longest --gpus 8 --plot /no/such/x.svg | --plot /no/such/x.svg: cannot be written"
            })
    void what_cannot_be_planned_is_refused_in_one_line(String arguments, String message) {
        CommandRun run = plan(arguments.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(run.messages()).contains("longstrand: " + message);
    }

    private CommandRun plan(String... arguments) {
        List<String> all = new ArrayList<>(List.of("plan", "--conf", configuration.toString()));
        all.addAll(List.of(arguments));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private static JsonNode json(CommandRun run) throws IOException {
        return new ObjectMapper().readTree(run.output());
    }
}
