package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code submit/train-gpt.sh}: what environment variables come to. */
class TrainGptIT {
    private static final List<String> SIZES =
            List.of("GPT1_5B", "GPT25B", "GPT33B", "GPT6_7B", "genome-1M", "genome-250M", "genome-25M", "genome-4M");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SP_TYPE=megatron NGPUS=8 TPSIZE=4 | parallel.tensor=4 parallel.data=2",
                "SP_TYPE=megatron NGPUS=4 | parallel.tensor=4 parallel.data=1",
                "SP_TYPE=megatron TPSIZE=2 | parallel.tensor=2 parallel.data=1",
                "SP_TYPE=ulysses NGPUS=4 | parallel.tensor=1 parallel.head=4",
                "SP_TYPE=ds NGPUS=8 TPSIZE=2 | parallel.tensor=2 parallel.head=4",
                "SP_TYPE=ring NGPUS=8 TPSIZE=1 | parallel.tensor=1 parallel.context=8",
                "MODEL_SIZE_KEY=GPT6_7B SEQ_LEN=65536 | model.preset=GPT6_7B data.sequence-length=65536"
                        + " parallel.tensor=1 parallel.data=1",
                "USE_FLASH_ATTN=1 MICRO_BATCH=2 GAS=4 ZERO_STAGE=3 | attention.kernel=flash train.micro-batch=2"
                        + " train.accumulation=4 zero.stage=3 parallel.tensor=1 parallel.data=1",
                "USE_FLASH_ATTN=0 | attention.kernel=naive parallel.tensor=1 parallel.data=1",
            })
    void variables_become_settings(String variables, String settings) throws Exception {
        // A last setting that is refused keeps train from training.
        CommandRun run = run(variables, "train.steps=0");

        assertThat(run.messages().lines().takeWhile(line -> !line.startsWith("longstrand: ")))
                .containsExactlyElementsOf(lines(settings));
        assertThat(run.messages()).contains("train.steps");
        assertThat(run.exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SP_TYPE=sequence | SP_TYPE is 'sequence'; it must be megatron, ulysses (or ds) or ring",
                "ZERO_STAGE=4 | ZERO_STAGE is '4'; it must be 0, 1, 2 or 3",
                "USE_FLASH_ATTN=2 | USE_FLASH_ATTN is '2'; it must be 1 or 0",
                "GAS=0 | GAS is '0'; it must be a whole number above 0",
                "SEQ_LEN=64k | SEQ_LEN is '64k'; it must be a whole number above 0",
                "NGPUS=6 TPSIZE=4 | NGPUS is 6 and TPSIZE 4; TPSIZE must divide NGPUS",
            })
    void a_wrong_value_is_refused_with_what_would_be_right(String variables, String message) throws Exception {
        CommandRun run = run(variables);

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.messages()).isEqualTo("train-gpt.sh: " + message + "\n");
    }

    @Test
    void an_unknown_size_is_refused_naming_all_there_are() throws Exception {
        CommandRun run = run("MODEL_SIZE_KEY=GPT3");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.messages())
                .isEqualTo(
                        "train-gpt.sh: MODEL_SIZE_KEY is 'GPT3'; it must be one of " + String.join(", ", SIZES) + "\n");
    }

    @Test
    void it_trains_with_them() throws Exception {
        TinyRun tiny = new TinyRun(directory);
        String[] train = tiny.train("run", tiny.genome(), "train.steps=2");

        CommandRun run = run("SEQ_LEN=64 MICRO_BATCH=2", Arrays.copyOfRange(train, 1, train.length));

        assertThat(run.exitCode()).as(run.messages()).isZero();
        assertThat(tiny.run("run").resolve("config.conf"))
                .content()
                .contains("sequence-length = 64")
                .contains("micro-batch = 2");
    }

    private CommandRun run(String variables, String... arguments) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>();
        for (String variable : variables.split(" ")) {
            environment.put(
                    variable.substring(0, variable.indexOf('=')), variable.substring(variable.indexOf('=') + 1));
        }
        return new Script(directory, environment).run("train-gpt.sh", arguments);
    }

    private static List<String> lines(String settings) {
        return Stream.concat(
                        Stream.of("equivalent configuration:"),
                        Arrays.stream(settings.split(" ")).map(setting -> "  " + setting))
                .toList();
    }
}
