package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.attention.CustomMask;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user sees who gives the wrong thing: exit code 2, one line, and no run directory. */
class BadInputIT {
    @TempDir
    private Path directory;

    static Stream<Arguments> wrongFiles() throws IOException {
        String dna = "ACGT".repeat(500);
        byte[] zipped = gzip(">chromosome\n" + dna + "\n");
        return Stream.of(
                Arguments.of("empty.fa", text(""), "empty"),
                Arguments.of("headless.fa", text(dna), "headless.fa"),
                Arguments.of("page.fa", text("<!DOCTYPE html>\n<html><body>404</body></html>\n"), "page.fa"),
                Arguments.of("wide.fa", (">c\n" + dna).getBytes(StandardCharsets.UTF_16), "UTF-16"),
                Arguments.of("protein.fa", text(">p\nMKVLAAGIVGLLLAQWERTYIPASDFGHKLCVNM\n"), "protein"),
                Arguments.of("bare.fa", text(">first\n>second\n" + dna + "\n"), "first"),
                Arguments.of("twins.fa", text(">same\n" + dna + "\n>same\n" + dna + "\n"), "same"),
                Arguments.of("control.fa", text(">c\nACGT\u0001ACGT\n"), "control.fa"),
                Arguments.of("cut.fa.gz", Arrays.copyOf(zipped, zipped.length - 12), "cut.fa.gz"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFiles")
    void a_file_that_is_no_genome_is_told_in_one_line(String name, byte[] content, String mentioned)
            throws IOException {
        Path file = directory.resolve(name);
        Files.write(file, content);

        assertRefused(CommandRun.of(new TinyRun(directory).train("run", file)), name, mentioned);
    }

    @Test
    void a_missing_file_is_told_in_one_line() throws IOException {
        Path file = directory.resolve("missing.fa");

        assertRefused(CommandRun.of(new TinyRun(directory).train("run", file)), "missing.fa", "no such file");
    }

    @Test
    void a_sequence_length_beyond_the_data_is_told() throws IOException {
        TinyRun tiny = new TinyRun(directory);

        CommandRun refused = CommandRun.of(tiny.train("run", tiny.genome(), "data.sequence-length=100000"));

        assertRefused(refused, "sequence-length");
    }

    @Test
    void a_model_beyond_its_budget_is_told() throws IOException {
        TinyRun tiny = new TinyRun(directory);

        CommandRun refused = CommandRun.of(tiny.train("run", tiny.genome(), "memory.device-budget=64KiB"));

        assertRefused(refused, "memory.device-budget");
    }

    /** Throws at one pair. */
    public static final class ThrowingMask implements CustomMask {
        @Override
        public boolean visible(int query, int key, int documentStart) {
            if (query == 5 && key == 3) {
                throw new IllegalStateException("no idea");
            }
            return key <= query;
        }
    }

    @Test
    void a_custom_mask_that_is_missing_or_wrong_is_told() throws IOException {
        TinyRun tiny = new TinyRun(directory);
        String[] custom = {"attention.mask.kind=custom", "attention.mask.placement=host", ""};

        custom[2] = "attention.mask.rule=com.example.Nothing";
        assertRefused(
                CommandRun.of(tiny.train("run", tiny.genome(), custom)), "com.example.Nothing", "LONGSTRAND_JARS");
        custom[2] = "attention.mask.rule=java.lang.String";
        assertRefused(CommandRun.of(tiny.train("run", tiny.genome(), custom)), "java.lang.String", "CustomMask");
        Path mask = Files.write(directory.resolve("mask.bin"), new byte[127]);
        custom[2] = "attention.mask.file=\"" + mask + "\"";
        assertRefused(
                CommandRun.of(tiny.train("run", tiny.genome(), custom)),
                mask + ": holds 127 bytes; expected are 128: 32 rows of 4 bytes for data.sequence-length = 32");
    }

    @Test
    void a_rule_that_throws_is_told_with_query_and_key() throws IOException {
        TinyRun tiny = new TinyRun(directory);

        CommandRun refused = CommandRun.of(tiny.train(
                "run",
                tiny.genome(),
                "attention.mask.kind=custom",
                "attention.mask.placement=host",
                "attention.mask.rule=\"" + ThrowingMask.class.getName() + "\""));

        assertThat(refused.exitCode()).as(refused.messages()).isEqualTo(2);
        assertThat(refused.messages())
                .contains("longstrand: attention.mask.rule = " + ThrowingMask.class.getName()
                        + ": threw java.lang.IllegalStateException: no idea at query 5, key 3")
                .doesNotContain("\tat ");
        assertThat(directory.resolve("run")).doesNotExist();
    }

    @Test
    void a_directory_for_activations_that_is_not_there_is_told_before_the_run_begins() throws IOException {
        TinyRun tiny = new TinyRun(directory);

        CommandRun refused = CommandRun.of(tiny.train(
                "run",
                tiny.genome(),
                "memory.offload.activations=disk",
                "memory.offload.directory=" + directory.resolve("nowhere")));

        assertThat(refused.exitCode()).as(refused.messages()).isEqualTo(2);
        assertThat(refused.messages()).contains("memory.offload.directory", "nowhere", "no such directory");
        assertThat(directory.resolve("run")).doesNotExist();
    }

    @Test
    void a_misspelt_key_is_told_with_the_right_one() throws IOException {
        TinyRun tiny = new TinyRun(directory);

        assertRefused(CommandRun.of(tiny.train("run", tiny.genome(), "train.stesp=3")), "train.stesp", "train.steps");
    }

    @Test
    void a_misspelt_command_or_option_is_told_with_the_right_one() {
        assertRefused(CommandRun.of("trian"), "trian", "train");
        assertRefused(CommandRun.of("train", "--resum"), "--resum", "--resume");
        assertRefused(CommandRun.of(), "which command?", "train");
        assertRefused(CommandRun.of("bench", "speed"), "speed", "peak");
    }

    @Test
    void help_is_there_for_every_command() {
        for (String command : new String[] {"prepare", "train", "evaluate", "generate", "report", "doctor", "bench"}) {
            CommandRun help = CommandRun.of(command, "--help");

            assertThat(help.exitCode()).isZero();
            assertThat(help.output()).contains("Usage: longstrand " + command);
        }
    }

    private void assertRefused(CommandRun refused, String... mentioned) {
        assertThat(refused.exitCode()).as(refused.messages()).isEqualTo(2);
        assertThat(refused.output()).isEmpty();
        assertThat(refused.messages()).contains(mentioned).doesNotContain("\tat ", "Exception");
        assertThat(refused.messages().lines().filter(line -> line.startsWith("longstrand: ")))
                .hasSize(1);
        assertThat(directory.resolve("run")).doesNotExist();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream output = new GZIPOutputStream(bytes)) {
            output.write(text(text));
        }
        return bytes.toByteArray();
    }
}
