package io.longstrand.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PresetsTest {
    /** 64 3-mers and a few special tokens. */
    private static final long VOCABULARY = 70;

    @ParameterizedTest
    @CsvSource({
        "genome-1M, 1e6, 25",
        "genome-4M, 4e6, 25",
        "genome-25M, 25e6, 25",
        "genome-250M, 250e6, 25",
        "GPT1_5B, 1.5e9, 10",
        "GPT6_7B, 6.7e9, 10",
        "GPT25B, 25e9, 10",
        "GPT33B, 33e9, 10",
    })
    void a_preset_has_the_parameters_its_name_says(String name, double parameters, double percent) {
        ModelSection model = preset(name);
        assertThat((double) parameters(model)).isCloseTo(parameters, withinPercentage(percent));
        assertThat(model.preset()).isEqualTo(name);
    }

    @Test
    void every_preset_is_tested_and_in_the_jar() {
        assertThat(Presets.NAMES).hasSize(8).allSatisfy(name -> assertThat(
                        getClass().getResource("/models/" + name + ".conf"))
                .isNotNull());
    }

    @ParameterizedTest
    @ValueSource(strings = {"local.conf", "nucleotide.conf"})
    void the_shipped_runs_load(String name) {
        Path repository = Path.of("").toAbsolutePath().getParent();
        RunConfiguration configuration =
                new ConfigurationLoader(repository).load(Optional.of(Path.of("conf", name)), List.of());
        assertThat(configuration.data().inputs()).hasSize(1);
        assertThat(Path.of(configuration.data().inputs().get(0)))
                .isRegularFile()
                .endsWith(Path.of("conf", "genomes", "hpylori_G27.fa.gz"));
    }

    private static ModelSection preset(String name) {
        return new ConfigurationLoader()
                .load(Optional.empty(), List.of("model.preset=" + name))
                .model();
    }

    /** Tied embedding; biases and two layer norms a layer, one norm at the end. */
    private static long parameters(ModelSection model) {
        long hidden = model.hidden();
        long keyValue = (long) model.kvHeads() * model.headSize();
        long ffn = model.ffnHidden();
        long attention = 2 * hidden * hidden + 2 * hidden * keyValue + 2 * hidden + 2 * keyValue;
        long mlp = 2 * hidden * ffn + hidden + ffn;
        return model.layers() * (attention + mlp + 4 * hidden) + VOCABULARY * hidden + 2 * hidden;
    }
}
