package io.longstrand.spark.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.DataSection.SplitKind;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.genome.token.Manifest;
import io.longstrand.genome.token.Nucleotide;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.TokenStream;
import io.longstrand.storage.FileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareJobTest {
    private static JavaSparkContext context;

    @TempDir
    Path directory;

    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @BeforeAll
    static void startSpark() {
        context = new JavaSparkContext(
                new SparkConf().setMaster("local[2]").setAppName("prepare-test").set("spark.ui.enabled", "false"));
    }

    @AfterAll
    static void stopSpark() {
        context.close();
    }

    private PrepareResult prepare(String tokenizer, long splitBytes, String... inputs) throws IOException {
        PrepareProgress progress = new PrepareProgress(new PrintStream(output, true, StandardCharsets.UTF_8));
        return new PrepareJob(context, progress)
                .run(new PrepareRequest(
                        List.of(inputs), data().toString(), tokenizer, SplitKind.REGION, 0.2, 1, splitBytes));
    }

    private Path data() {
        return directory.resolve("data");
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private TreeMap<String, String> contents() throws IOException {
        TreeMap<String, String> contents = new TreeMap<>();
        try (var files = Files.list(data())) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    /** The bases that the tokens of a stream stand for. */
    private static String bases(PreparedData data, int record, Strand strand, int phase) throws IOException {
        TokenStream stream = data.stream(record, strand, phase);
        StringBuilder text = new StringBuilder();
        int[] tokens = new int[(int) stream.tokens()];
        stream.read(0, tokens, 0, tokens.length);
        for (int token : tokens) {
            byte[] codes = new byte[data.tokenizer().bases(token)];
            data.tokenizer().decode(token, codes, 0);
            for (byte code : codes) {
                text.append((char) Nucleotide.letter(code));
            }
        }
        return text.toString();
    }

    private static String random(Random random, int length) {
        StringBuilder bases = new StringBuilder();
        for (int i = 0; i < length; i++) {
            bases.append("ACGT".charAt(random.nextInt(4)));
        }
        return bases.toString();
    }

    @Test
    void records_cut_by_many_splits_give_all_their_tokens_in_every_phase() throws IOException {
        Random random = new Random(3);
        String first = random(random, 1000);
        String second = random(random, 7);
        String third = random(random, 333).substring(0, 300) + "nnNN"
                + random(random, 29).toLowerCase();
        String input = write(
                "g.fa", ">a\n" + first.replaceAll("(.{60})", "$1\n") + "\n>b\n" + second + "\n>c\r\n" + third + "\r\n");
        prepare("3-mer", 50, input);
        try (PreparedData data = PreparedData.open(FileStore.local(), data().toString())) {
            assertThat(data.manifest().shards()).hasSizeGreaterThan(10);
            List<String> expected = List.of(first, second, third.toUpperCase());
            for (int record = 0; record < 3; record++) {
                for (int phase = 0; phase < 3; phase++) {
                    String bases = expected.get(record);
                    int end = phase + (bases.length() - phase) / 3 * 3;
                    assertThat(bases(data, record, Strand.FORWARD, phase).replaceAll("NNN", "..."))
                            .isEqualTo(unknownTriplets(bases.substring(phase, end)));
                }
            }
            assertThat(data.softMasked(2).size()).isEqualTo(2);
            assertThat(data.softMasked(2).covered(0, 333)).isEqualTo(2 + 29);
            assertThat(data.unknown(2).start(0)).isEqualTo(300);
            assertThat(data.unknown(2).end(0)).isEqualTo(304);
            assertThat(data.unknown(0).size()).isZero();
            assertThat(data.manifest().split().bases()).isBetween(264L, 269L);
        }
        assertThat(names()).containsExactly("data", "g.fa");
        assertThat(contents().keySet())
                .allMatch(name -> name.matches("tokens-\\d{5}\\.(bin|idx)|manifest.json|.*intervals"));
    }

    /** A triplet with an N is unknown as a whole. */
    private static String unknownTriplets(String bases) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i + 3 <= bases.length(); i += 3) {
            String triplet = bases.substring(i, i + 3);
            text.append(triplet.contains("N") ? "..." : triplet);
        }
        return text.toString();
    }

    @Test
    void the_bundled_genome_is_one_shard_and_found_again_the_second_time() throws IOException {
        String input = Path.of("../conf/genomes/hpylori_G27.fa.gz").toString();
        PrepareResult first = prepare("3-mer", 32 << 20, input);
        assertThat(first.reused()).isFalse();
        assertThat(first.manifest().records())
                .extracting(RecordDescription::bases)
                .containsExactly(1_652_982L);
        assertThat(first.manifest().shards()).hasSize(1);
        assertThat(first.manifest().split().bases()).isBetween(330_594L, 330_597L);
        TreeMap<String, String> before = contents();
        PrepareResult second = prepare("3-mer", 32 << 20, input);
        assertThat(second.reused()).isTrue();
        assertThat(second.manifest()).isEqualTo(first.manifest());
        assertThat(contents()).isEqualTo(before);
        assertThat(second.seconds()).isLessThan(2);
        assertThat(output.toString(StandardCharsets.UTF_8))
                .contains("prepare: wrote 1 record, 1,652,982 bases as 3-mer tokens in 1 shard");
    }

    @Test
    void long_records_give_the_same_bases_in_every_phase() throws IOException {
        prepare("3-mer", 32 << 20, Path.of("../conf/genomes/hpylori_G27.fa.gz").toString());
        try (PreparedData data = PreparedData.open(FileStore.local(), data().toString())) {
            String all = bases(data, 0, Strand.FORWARD, 0);
            assertThat(all.length()).isEqualTo(1_652_982 / 3 * 3);
            for (int phase = 1; phase < 3; phase++) {
                String shifted = bases(data, 0, Strand.FORWARD, phase);
                assertThat(shifted.length()).isEqualTo((1_652_982 - phase) / 3 * 3);
                assertThat(shifted.regionMatches(0, all, phase, all.length() - phase - 3))
                        .isTrue();
            }
        }
    }

    @Test
    void related_records_are_held_out_together() throws IOException {
        Random random = new Random(7);
        String common = random(random, 3000);
        String input = write("g.fa", ">a\n" + common + "\n>b\n" + random(random, 3000) + "\n>c\n" + common + "\n");
        PrepareProgress progress = new PrepareProgress(new PrintStream(output, true, StandardCharsets.UTF_8));
        Manifest manifest = new PrepareJob(context, progress)
                .run(new PrepareRequest(
                        List.of(input), data().toString(), "nucleotide", SplitKind.CLUSTER, 0.4, 1, 1000))
                .manifest();
        assertThat(manifest.split().heldOut()).extracting(Region::record).containsExactly(1);
        assertThat(output.toString(StandardCharsets.UTF_8)).doesNotContain("warning");
    }

    @Test
    void held_out_bases_that_training_has_seen_are_warned_of() throws IOException {
        String common = random(new Random(8), 3000);
        String input = write("g.fa", ">a\n" + common + common.substring(1500) + "\n");
        prepare("nucleotide", 100_000, input);
        assertThat(output.toString(StandardCharsets.UTF_8)).contains("prepare: warning: ");
    }

    @Test
    void another_tokeniser_or_changed_input_is_prepared_anew() throws IOException {
        String input = write("g.fa", ">a\nACGTACGTACGTACGTACGT\n");
        assertThat(prepare("3-mer", 100, input).reused()).isFalse();
        assertThat(prepare("nucleotide", 100, input).reused()).isFalse();
        write("g.fa", ">a\nACGTACGTACGTACGTACGA\n");
        assertThat(prepare("nucleotide", 100, input).reused()).isFalse();
        assertThat(prepare("nucleotide", 100, input).reused()).isTrue();
    }

    @Test
    void an_interrupted_job_goes_on_with_its_finished_parts_and_gives_the_same_bytes() throws Exception {
        String bases = random(new Random(5), 3000).replaceAll("(.{80})", "$1\n");
        String input = write("g.fa", ">a\n" + bases + "\n");
        prepare("3-mer", 50, input);
        TreeMap<String, String> expected = contents();
        FileStore.local().delete(data().toString());

        Thread interrupter = new Thread(this::cancelWhenPartsAreFinished);
        interrupter.start();
        assertThatThrownBy(() -> prepare("3-mer", 50, input))
                .isInstanceOf(RunFailure.class)
                .hasMessageContaining("finished parts are kept");
        interrupter.join();
        assertThat(names()).hasSize(2).doesNotContain("data");
        Path damaged = finishedParts().get(0);
        Files.writeString(Path.of(damaged.toString().replace(".finished.json", ".bin")), "damaged");

        prepare("3-mer", 50, input);
        assertThat(contents()).isEqualTo(expected);
        assertThat(output.toString(StandardCharsets.UTF_8)).contains("parts were finished before");
        assertThat(names()).containsExactly("data", "g.fa");
    }

    private void cancelWhenPartsAreFinished() {
        try {
            while (finishedParts().size() < 3) {
                Thread.sleep(1);
            }
            context.sc().cancelAllJobs();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Path> finishedParts() throws IOException {
        try (var files = Files.walk(directory)) {
            return files.filter(file -> file.getFileName().toString().endsWith(".finished.json"))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted()
                    .toList();
        } catch (java.io.UncheckedIOException e) {
            return List.of(); // a file went away while the directory was walked
        }
    }

    @Test
    void bad_input_is_refused_with_file_and_line_and_leaves_nothing() throws IOException {
        String input = write("bad.fa", ">a\n" + "ACGT\n".repeat(100) + "ACGL\n");
        assertThatThrownBy(() -> prepare("3-mer", 40, input))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(input + ": line 102: 'L' stands for an amino acid");
        assertThat(names()).containsExactly("bad.fa");
    }

    @Test
    void a_directory_that_holds_something_else_is_not_touched() throws IOException {
        String input = write("g.fa", ">a\nACGTACGTACGT\n");
        Files.createDirectory(data());
        Files.writeString(data().resolve("thesis.tex"), "x");
        assertThatThrownBy(() -> prepare("3-mer", 40, input))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("holds something other than prepared data");
        assertThat(data().resolve("thesis.tex")).exists();
    }

    @Test
    void coding_sequences_are_spliced_on_their_strand_from_their_frame() throws IOException {
        String input = write("g.gb", """
                LOCUS       TEST1                     30 bp    DNA     linear BCT 01-JAN-2020
                FEATURES             Location/Qualifiers
                     CDS             complement(join(4..12,20..29))
                                     /codon_start=2
                     CDS             1..9
                ORIGIN
                        1 acgtnacgta ccggttaacc ggatccaagg
                //
                """);
        prepare("codon-by-frame", 1000, input);
        try (PreparedData data = PreparedData.open(FileStore.local(), data().toString())) {
            assertThat(data.manifest().records())
                    .extracting(RecordDescription::name)
                    .containsExactly("TEST1:cds-1", "TEST1:cds-2");
            assertThat(bases(data, 0, Strand.FORWARD, 0)).isEqualTo("TTGGATCCGGGTACGNNN");
            assertThat(bases(data, 1, Strand.FORWARD, 0)).isEqualTo("ACGNNNCGT");
        }
        String plain = write("plain.fa", ">a\nACGTACGT\n");
        FileStore.local().delete(data().toString());
        assertThatThrownBy(() -> prepare("codon-by-frame", 1000, plain))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("plain.fa: holds no coding sequences");
    }

    @Test
    void the_manifest_can_be_read_back() throws IOException {
        String input = write("g.fa", ">a\nACGTACGTACGTACGTACGT\n>b\nGGGG\n");
        Manifest manifest = prepare("codon", 7, input).manifest();
        assertThat(Manifest.read(FileStore.local(), data().toString())).isEqualTo(manifest);
    }
}
