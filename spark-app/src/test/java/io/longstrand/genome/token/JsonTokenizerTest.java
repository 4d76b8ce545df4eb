package io.longstrand.genome.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.genome.baseline.Baselines;
import io.longstrand.genome.sample.SamplingSettings;
import io.longstrand.genome.sample.ValidationWindows;
import io.longstrand.genome.sample.Window;
import io.longstrand.genome.sample.WindowSampler;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTokenizerTest {
    private static final Path BYTE_PAIRS = Path.of("src/test/resources/tokenizers/dna-bpe.json");

    @TempDir
    Path directory;

    @Test
    void tokens_spell_the_bases_they_were_made_from() throws IOException {
        try (JsonTokenizer tokenizer = open(BYTE_PAIRS)) {
            int[] tokens = tokenizer.encode("ATGCGCGCttaaNNAC".getBytes(StandardCharsets.US_ASCII), 0, 16);
            List<String> vocabulary = tokenizer.description().vocabulary();
            assertThat(java.util.Arrays.stream(tokens).mapToObj(vocabulary::get))
                    .containsExactly("AT", "GCGC", "GC", "TTAA", "[UNK]", "[UNK]", "A", "C");
            assertThat(tokenizer.specials()).isEqualTo(new SpecialTokens(3, 0, 1));
            assertThat(tokenizer.bases(0)).isEqualTo(1);
            assertThat(tokenizer.bases(1)).isZero();
        }
    }

    @Test
    void prepared_data_can_be_read_back_sampled_and_validated_base_for_base() throws IOException {
        byte[] letters = letters(50_000);
        Split split = new Split("region", List.of(new Region(0, 45_000, 50_000)));
        Files.copy(BYTE_PAIRS, directory.resolve(JsonTokenizer.FILE_NAME));
        try (JsonTokenizer tokenizer = open(BYTE_PAIRS);
                PreparedData data = new PreparedDirectory(directory).write(tokenizer, split, List.of(letters))) {
            byte[] codes = new BaseReader(data).read(0, 123, 49_877);
            for (int i = 0; i < codes.length; i++) {
                assertThat(codes[i]).isEqualTo(Nucleotide.code(letters[123 + i]));
            }
            TokenStream stream = data.stream(0, Strand.REVERSE, 0);
            assertThat(stream.base(stream.tokens())).isEqualTo(50_000);
            assertThat(stream.base(stream.tokenAt(30_000))).isBetween(30_000L, 30_003L);

            WindowSampler sampler = new WindowSampler(data, new SamplingSettings(100, 1, true, 0.5f));
            Window window = sampler.window(3);
            assertThat(window.scoredTokens()).isGreaterThan(80);
            ValidationWindows windows = new ValidationWindows(data, 100);
            long bases = 0;
            for (long n = 0; n < windows.count(); n++) {
                bases += windows.window(n).scoredBases();
            }
            long unknown = data.unknown(0).covered(45_000, 50_000);
            assertThat(bases).isBetween(5_000 - unknown, 5_004 - unknown);
            assertThat(new Baselines(data).score(windows.scoredRegions()).bases())
                    .isEqualTo(bases);
        }
    }

    @Test
    void a_tokenizer_that_changes_or_loses_bases_is_refused() throws IOException {
        for (String replacement : List.of("A", "")) {
            String normalizer =
                    "{\"type\": \"Replace\", \"pattern\": {\"String\": \"T\"}, \"content\": \"" + replacement + "\"}";
            Path broken = Files.writeString(
                    directory.resolve("broken.json"),
                    Files.readString(BYTE_PAIRS).replace("\"normalizer\": null", "\"normalizer\": " + normalizer));
            try (JsonTokenizer tokenizer = open(broken)) {
                assertThatThrownBy(() -> tokenizer.encode("GTG".getBytes(StandardCharsets.US_ASCII), 0, 3))
                        .isInstanceOf(UserError.class)
                        .hasMessageStartingWith(broken + ": token ")
                        .hasMessageContaining("does not give back the bases it was made from");
            }
        }
    }

    @Test
    void a_file_that_is_no_tokenizer_is_refused_in_one_line() throws IOException {
        Path file = directory.resolve("t.json");
        for (String text : List.of("", "not json", "{}", "{\"model\": {\"vocab\": {\"A\": 0}}}")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> open(file))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith(file + ": ")
                    .hasMessageNotContaining("\n");
        }
        Files.delete(file);
        assertThatThrownBy(() -> open(file)).isInstanceOf(UserError.class).hasMessageContaining("no such file");
    }

    @Test
    void an_unknown_name_is_refused_with_the_valid_ones() throws IOException {
        TokenizerLoader loader = new TokenizerLoader(FileStore.local());
        assertThat(loader.byName("3-mer").vocabularySize()).isEqualTo(67);
        assertThat(loader.byName("nucleotide").width()).isEqualTo(1);
        assertThatThrownBy(() -> loader.byName("9-mer"))
                .isInstanceOf(UserError.class)
                .hasMessage("data.tokenizer = \"9-mer\" is not known; it can be nucleotide, 1-mer to 8-mer, codon, "
                        + "codon-by-frame or the path of a tokenizer.json");
    }

    private static JsonTokenizer open(Path path) throws IOException {
        return JsonTokenizer.open(FileStore.local(), path.toString());
    }

    private static byte[] letters(int length) {
        Random random = new Random(1);
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) "ACGTACGTACGTacgtACGTACGTACGTacgtN".charAt(random.nextInt(33));
        }
        return letters;
    }
}
