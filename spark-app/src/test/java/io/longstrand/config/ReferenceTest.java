package io.longstrand.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReferenceTest {
    private final Schema schema = Schema.of(RunConfiguration.class);

    @Test
    void reference_conf_is_what_the_declarations_say() throws IOException {
        try (InputStream stream = getClass().getResourceAsStream("/reference.conf")) {
            assertThat(new String(stream.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(new ConfigurationText(schema).reference());
        }
    }

    @Test
    void every_key_has_a_record_field_and_every_field_a_key() {
        List<String> keys =
                schema.keys().stream().map(DeclaredKey::path).sorted().toList();
        List<String> inReference = Presets.resource("reference.conf", "reference.conf").resolve().entrySet().stream()
                .map(entry -> entry.getKey())
                .sorted()
                .toList();
        assertThat(inReference).isEqualTo(keys);
    }

    @Test
    void every_key_and_section_is_documented() {
        assertThat(schema.paths())
                .allSatisfy(path -> assertThat(schema.find(path).orElseThrow().doc())
                        .as(path)
                        .hasSizeGreaterThan(4)
                        .endsWith("."));
    }

    @Test
    void keys_that_scripts_rely_on_are_there() {
        assertThat(schema.paths())
                .contains(
                        "run.directory",
                        "backend",
                        "data.inputs",
                        "data.directory",
                        "data.tokenizer",
                        "data.sequence-length",
                        "data.split",
                        "model.preset",
                        "model.layers",
                        "model.hidden",
                        "model.heads",
                        "model.kv-heads",
                        "model.ffn-hidden",
                        "model.norm",
                        "model.activation",
                        "model.position",
                        "train.steps",
                        "train.micro-batch",
                        "train.accumulation",
                        "train.precision",
                        "train.seed",
                        "train.retries",
                        "train.schedule.steps",
                        "checkpoint.every",
                        "memory.device-budget",
                        "memory.host-budget",
                        "memory.recompute",
                        "memory.offload.optimizer",
                        "memory.offload.parameters",
                        "memory.offload.activations",
                        "attention.kernel",
                        "attention.mask.kind",
                        "attention.mask.placement",
                        "parallel.data",
                        "parallel.context",
                        "parallel.head",
                        "parallel.tensor",
                        "parallel.elastic",
                        "zero.stage",
                        "comm.operation-timeout");
    }

    @Test
    void defaults_alone_load() {
        RunConfiguration configuration =
                new ConfigurationLoader(Path.of("/somewhere")).load(Optional.empty(), List.of());
        assertThat(configuration.run().directory()).isEqualTo("/somewhere/runs/default");
        assertThat(configuration.data().directory()).isEqualTo("/somewhere/runs/default/data");
        assertThat(configuration.model().ffnHidden())
                .isEqualTo(4 * configuration.model().hidden());
        assertThat(configuration.model().kvHeads())
                .isEqualTo(configuration.model().heads());
        assertThat(configuration.train().schedule().steps())
                .isEqualTo(configuration.train().steps());
        assertThat(configuration.comm().operationTimeout()).hasMinutes(10);
        assertThat(configuration.memory().deviceBudget()).isEmpty();
        assertThat(configuration.parallel().world()).isEqualTo(1);
    }
}
