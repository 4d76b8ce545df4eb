package io.longstrand.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationLoaderTest {
    @TempDir
    Path directory;

    private ConfigurationLoader loader;

    @BeforeEach
    void loader() {
        loader = new ConfigurationLoader(directory);
    }

    @Test
    void arguments_win_over_the_file_the_file_over_the_preset_the_preset_over_the_reference() throws IOException {
        Path file = file("model.preset = genome-4M\nmodel.layers = 7\ntrain.steps = 5000");
        RunConfiguration configuration = loader.load(Optional.of(file), List.of("train.steps=6000"));
        assertThat(configuration.model().hidden()).isEqualTo(256);
        assertThat(configuration.model().layers()).isEqualTo(7);
        assertThat(configuration.model().ffnHidden()).isEqualTo(1024);
        assertThat(configuration.train().steps()).isEqualTo(6000);
        assertThat(configuration.train().schedule().steps()).isEqualTo(6000);
    }

    @Test
    void a_preset_may_be_named_by_an_argument() {
        assertThat(arguments("model.preset=genome-25M").model().hidden()).isEqualTo(512);
    }

    @Test
    void sizes_durations_lists_and_exact_numbers_are_read() {
        RunConfiguration configuration = arguments(
                "memory.device-budget=512MiB",
                "comm.operation-timeout=90 seconds",
                "data.inputs=[a.fa, hdfs://name/b.fa,\"c d.fa\"]",
                "train.steps=1e4",
                "memory.host-budget=auto");
        assertThat(configuration.memory().deviceBudget()).isEqualTo(OptionalLong.of(512L << 20));
        assertThat(configuration.memory().hostBudget()).isEmpty();
        assertThat(configuration.comm().operationTimeout()).hasSeconds(90);
        assertThat(configuration.data().inputs())
                .containsExactly(directory + "/a.fa", "hdfs://name/b.fa", directory + "/c d.fa");
        assertThat(configuration.train().steps()).isEqualTo(10_000);
    }

    @Test
    void an_input_lies_beside_the_file_that_names_it_or_in_the_working_directory() throws IOException {
        Path conf = Files.createDirectories(directory.resolve("conf"));
        Files.createFile(conf.resolve("near.fa"));
        Path file = Files.writeString(conf.resolve("a.conf"), "data.inputs = [near.fa, far.fa]");
        assertThat(loader.load(Optional.of(file), List.of()).data().inputs())
                .containsExactly(conf.resolve("near.fa").toString(), directory + "/far.fa");
    }

    @Test
    void a_tokenizer_file_is_a_path_and_a_named_tokenizer_is_not() {
        assertThat(arguments("data.tokenizer=bpe/tokenizer.json").data().tokenizer())
                .isEqualTo(directory + "/bpe/tokenizer.json");
        assertThat(arguments("data.tokenizer=6-mer").data().tokenizer()).isEqualTo("6-mer");
    }

    @Test
    void swiglu_gets_a_narrower_default() {
        assertThat(arguments("model.activation=swiglu", "model.hidden=128")
                        .model()
                        .ffnHidden())
                .isEqualTo(352);
    }

    @Test
    void the_resolved_text_loads_back_to_an_equal_record() throws IOException {
        Path file =
                file("include required(\"base.conf\")\nmodel.preset = GPT6_7B, run.directory = \"s3a://b/\\\"q\\\"\"");
        Files.writeString(directory.resolve("base.conf"), "data.inputs = [\"a b.fa\"], train.seed = -3");
        RunConfiguration configuration =
                loader.load(Optional.of(file), List.of("memory.host-budget=1234567", "metrics.progress-every=1500ms"));
        ConfigurationLoader elsewhere = new ConfigurationLoader(Path.of("/elsewhere"));
        assertThat(elsewhere.stored(configuration.resolved(), "config.conf")).isEqualTo(configuration);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.steps = abc | train.steps = \"abc\" is not valid: expected a whole number above 0",
                "train.steps = 0 | train.steps = 0 is not valid: expected a whole number above 0",
                "train.steps = 1.5 | train.steps = 1.5 is not valid: expected a whole number above 0",
                "train.steps = null | train.steps = null is not valid: expected a whole number above 0",
                "train.steps = [3] | train.steps = [3] is not valid: expected a whole number above 0",
                "data.split.held-out = 1 | data.split.held-out = 1 is not valid: expected a number 0 or above and below 1",
                "data.sequence-length = 1 | data.sequence-length = 1 is not valid: expected a whole number from 2 to 536870848",
                "data.reverse-complement = 7 | data.reverse-complement = 7 is not valid: expected true or false",
                "data.soft-mask-weight = 2 | data.soft-mask-weight = 2 is not valid: expected a number between 0 and 1",
                "data.inputs = {a = 1} | data.inputs = {\"a\":1} is not valid: expected a list of texts such as [\"a\", \"b\"], without blank items",
                "data.tokenizer = 0-mer | data.tokenizer = \"0-mer\" is not valid: expected \"nucleotide\", \"codon\", \"1-mer\" … \"9-mer\" or the path of a tokenizer.json",
                "run.directory = \" \" | run.directory = \" \" is not valid: expected a text that is not blank",
                "memory.device-budget = lots | memory.device-budget = \"lots\" is not valid: expected auto or a size in bytes such as 512MiB, above 0",
                "comm.operation-timeout = soon | comm.operation-timeout = \"soon\" is not valid: expected a duration such as \"10 minutes\", above 0",
                "memory.recompute = mlp | memory.recompute = \"mlp\" is not valid: expected one of none, attention, attention+mlp, full",
                "memory.offload.directory = scratch | memory.offload.directory = \"scratch\" is not valid: expected a text that is auto or the absolute path of a directory on a local disk",
                "zero.stage = 4 | zero.stage = 4 is not valid: expected a whole number 0, 1, 2 or 3",
                "model.preset = genome-2M | model.preset = \"genome-2M\" is not valid: expected one of genome-1M, genome-4M, genome-25M, genome-250M, GPT1_5B, GPT6_7B, GPT25B, GPT33B or none",
                "train.stepz = 3 | unknown key 'train.stepz': did you mean 'train.steps'? Valid keys in train: steps, micro-batch, accumulation, precision, seed, retries, optimiser, schedule, validation",
                "train.learning-rate = 3 | unknown key 'train.learning-rate': did you mean 'train.optimiser.learning-rate'? Valid keys in train: steps, micro-batch, accumulation, precision, seed, retries, optimiser, schedule, validation",
                "modle.layers = 3 | unknown key 'modle': did you mean 'model'? Valid keys here: run, backend, data, model, train, checkpoint, memory, attention, parallel, zero, comm, metrics",
                "zero = 3 | zero is a section, not a key: its keys are stage",
            })
    void a_wrong_line_of_a_file_is_named_with_what_would_be_right(String line, String message) throws IOException {
        Path file = file("# a comment\n" + line);
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.load(Optional.of(file), List.of()))
                .withMessage(file + ":2: " + message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "train.steps=abc | train.steps = \"abc\" is not valid: expected a whole number above 0",
                "train.steps= | train.steps = \"\" is not valid: expected a whole number above 0",
                "train.steps | expected key=value, for example train.steps=2000",
                "trian.steps=1 | unknown key 'trian.steps': did you mean 'train.steps'? Valid keys here: run, backend, data, model, train, checkpoint, memory, attention, parallel, zero, comm, metrics",
                "model=GPT25B | model is a section, not a key: its keys are preset, layers, hidden, heads, kv-heads, ffn-hidden, norm, activation, position, rotary-base, tied",
                "backend=gpu | backend = \"gpu\" is not valid: expected one of auto, cpu, nd4j, torch",
            })
    void a_wrong_argument_is_named_with_what_would_be_right(String argument, String message) {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments(argument))
                .withMessage("argument '" + argument + "': " + message);
    }

    @Test
    void nccl_goes_with_tensors_on_gpus_and_encrypts_nothing() {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments("comm.transport=nccl", "backend=cpu"))
                .withMessageContaining("comm.transport = \"nccl\" does not go with backend = \"cpu\"")
                .withMessageEndingWith("choose backend = torch or comm.transport = tcp");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments("comm.transport=nccl", "comm.encryption=on"))
                .withMessageContaining("comm.transport = \"nccl\" does not go with comm.encryption = \"on\"")
                .withMessageEndingWith("choose comm.transport = tcp or comm.encryption = off");
    }

    @Test
    void tensors_go_from_gpu_to_gpu_where_all_ranks_have_one_unless_they_are_to_be_encrypted() {
        assertThat(arguments().comm().betweenDevices(true)).isTrue();
        assertThat(arguments().comm().betweenDevices(false)).isFalse();
        assertThat(arguments("comm.encryption=on").comm().betweenDevices(true)).isFalse();
        assertThat(arguments("comm.transport=tcp").comm().betweenDevices(true)).isFalse();
        assertThat(arguments("comm.transport=nccl").comm().betweenDevices(false))
                .isTrue();
    }

    @Test
    void where_spark_encrypts_tensors_do_not_go_in_clear_from_gpu_to_gpu() {
        assertThat(arguments().comm().decided(true).betweenDevices(true)).isFalse();
        assertThat(arguments().comm().decided(false).betweenDevices(true)).isTrue();
        assertThatExceptionOfType(EnvironmentError.class)
                .isThrownBy(() -> arguments("comm.transport=nccl").comm().decided(true))
                .withMessage("comm.transport is nccl, which does not encrypt, and spark.network.crypto.enabled asks for"
                        + " encryption; set comm.transport=tcp, or comm.encryption=off");
    }

    @Test
    void impossible_combinations_name_both_keys() throws IOException {
        Path file = file("model.hidden = 130");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.load(Optional.of(file), List.of("model.heads=8")))
                .withMessage(file + ":1: model.hidden = 130 does not go with model.heads = \"8\""
                        + " (argument 'model.heads=8'): hidden must be a multiple of heads, for example 136");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments("model.kv-heads=3"))
                .withMessageContaining("kv-heads must divide heads: valid are 1, 2, 4");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments("model.hidden=12"))
                .withMessageContaining("rotary positions need an even head size, hidden / heads is 3");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments("attention.kernel=naive", "train.precision=bf16"))
                .withMessageContaining("naive attention holds fp32 matrices: choose train.precision = fp32");
        assertThat(arguments("model.hidden=12", "model.position=learned")
                        .model()
                        .headSize())
                .isEqualTo(3);
    }

    @Test
    void a_tensor_axis_that_does_not_divide_the_matrices_is_told_the_degrees_that_do() {
        refused(
                "tensor must divide heads, kv-heads and ffn-hidden: valid are 1, 2, 4",
                "parallel.tensor=3",
                "model.heads=8",
                "model.kv-heads=4",
                "model.hidden=64",
                "model.ffn-hidden=240");
        refused(
                "tensor must divide heads, kv-heads and ffn-hidden: valid are 1, 2",
                "parallel.tensor=4",
                "model.heads=8",
                "model.kv-heads=2",
                "model.hidden=64");
    }

    @Test
    void a_head_axis_that_does_not_deal_out_the_heads_is_told_the_degrees_that_do() {
        refused(
                "head must divide heads, and divide kv-heads or be a multiple of them: valid are 1, 2, 4, 8",
                "parallel.head=3",
                "model.heads=8",
                "model.hidden=64");
        refused(
                "head must divide heads, and divide kv-heads or be a multiple of them: valid are 1, 3, 6, 12",
                "parallel.head=4",
                "model.heads=12",
                "model.kv-heads=3",
                "model.hidden=96");
    }

    @Test
    void naive_attention_is_refused_where_ranks_share_sequences() {
        refused(
                "naive attention has whole sequences: choose attention.kernel = flash",
                "attention.kernel=naive",
                "parallel.context=2");
    }

    @Test
    void a_custom_mask_needs_one_source_and_the_host() {
        String rule = "attention.mask.rule=com.example.Mine";
        String custom = "attention.mask.kind=custom";
        String host = "attention.mask.placement=host";
        assertThat(arguments(custom, rule, host).attention().mask().rule()).isEqualTo("com.example.Mine");
        refused("a custom mask is made on the host; set attention.mask.placement = host", custom, rule);
        refused(
                "a custom mask needs the name of a class in attention.mask.rule or of a file in attention.mask.file",
                custom,
                host);
        refused("name the one or the other", custom, host, rule, "attention.mask.file=mask.bin");
        refused("a rule of your own needs attention.mask.kind = custom", rule);
        refused("a mask file needs attention.mask.kind = custom", "attention.mask.file=mask.bin");
    }

    private void refused(String ending, String... settings) {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments(settings))
                .withMessageEndingWith(ending);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "memory.offload.optimizer=disk | none, host",
                "memory.offload.parameters=disk | none, host",
            })
    void a_value_this_version_lacks_is_refused_with_those_it_has(String argument, String supported) {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> arguments(argument))
                .withMessageStartingWith("argument '" + argument + "': ")
                .withMessageEndingWith("is not supported by this version; supported: " + supported);
    }

    @Test
    void a_file_that_is_no_hocon_is_named_with_its_line() throws IOException {
        Path file = file("train {\n  steps = [1,\n}");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.load(Optional.of(file), List.of()))
                .withMessageStartingWith(file + ":3: ")
                .satisfies(error -> assertThat(error.getMessage()).doesNotContain("\n"));
    }

    @Test
    void a_reference_to_nothing_is_named_with_its_line() throws IOException {
        Path file = file("train.steps = ${nothing}");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.load(Optional.of(file), List.of()))
                .withMessageStartingWith(file + ":1: ")
                .withMessageContaining("${nothing}");
    }

    @Test
    void a_missing_file_or_include_is_named() throws IOException {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.load(Optional.of(Path.of("no.conf")), List.of()))
                .withMessage("no.conf: no such configuration file");
        Path file = file("include required(\"gone.conf\")");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.load(Optional.of(file), List.of()))
                .withMessageContaining("gone.conf");
    }

    @Test
    void a_resumed_run_changes_what_it_may() {
        String stored = arguments("train.steps=100", "model.layers=3").resolved();
        RunConfiguration resumed = loader.resumed(
                stored,
                "config.conf",
                List.of(
                        "train.steps=200",
                        "train.retries=2",
                        "checkpoint.every=7",
                        "memory.device-budget=1GiB",
                        "zero.stage=0",
                        "parallel.data=1"));
        assertThat(resumed.train().steps()).isEqualTo(200);
        assertThat(resumed.train().schedule().steps()).isEqualTo(100);
        assertThat(resumed.train().retries()).isEqualTo(2);
        assertThat(resumed.checkpoint().every()).isEqualTo(7);
        assertThat(resumed.memory().deviceBudget()).hasValue(1L << 30);
        assertThat(resumed.model().layers()).isEqualTo(3);
    }

    @Test
    void a_resumed_run_with_other_data_parallel_groups_keeps_the_sequences_of_a_step() {
        String stored = arguments("parallel.data=4", "train.accumulation=3").resolved();

        RunConfiguration resumed = loader.resumed(stored, "config.conf", List.of("parallel.data=2"));

        assertThat(resumed.parallel().data()).isEqualTo(2);
        assertThat(resumed.train().accumulation()).isEqualTo(6);
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.resumed(stored, "config.conf", List.of("parallel.data=5")))
                .withMessage("argument 'parallel.data=5': a resumed run keeps the 192 sequences of its step, 12"
                        + " micro-batches (parallel.data × train.accumulation), which are shared evenly: valid are"
                        + " 1, 2, 3, 4, 6, 12");
    }

    @ParameterizedTest
    @CsvSource({"model.layers=5", "train.seed=2", "train.schedule.steps=5", "data.tokenizer=codon", "backend=cpu"})
    void a_resumed_run_keeps_everything_else(String argument) {
        String key = argument.substring(0, argument.indexOf('='));
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> loader.resumed(arguments().resolved(), "config.conf", List.of(argument)))
                .withMessage("argument '" + argument + "': a resumed run keeps its " + key
                        + "; it may change train.steps, train.retries, checkpoint.every, parallel.*, zero.*, memory.*");
    }

    private RunConfiguration arguments(String... keyValues) {
        return loader.load(Optional.empty(), List.of(keyValues));
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("a.conf"), text);
    }
}
