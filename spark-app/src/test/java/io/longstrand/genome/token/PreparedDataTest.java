package io.longstrand.genome.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
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

class PreparedDataTest {
    private static final Split SPLIT = new Split("region", List.of(new Region(1, 3000, 4001)));

    @TempDir
    Path directory;

    @Test
    void every_phase_holds_the_tokens_that_begin_there_however_letters_came_and_sequences_were_cut()
            throws IOException {
        List<byte[]> records = List.of(letters(50, 1), letters(4001, 2));
        for (int k : new int[] {1, 2, 3, 5, 8}) {
            KmerTokenizer tokenizer = KmerTokenizer.kmer(k);
            try (PreparedData data = new PreparedDirectory(directory).write(tokenizer, SPLIT, records)) {
                for (int record = 0; record < 2; record++) {
                    for (int phase = 0; phase < k; phase++) {
                        TokenStream stream = data.stream(record, Strand.FORWARD, phase);
                        int[] tokens = new int[(int) stream.tokens()];
                        stream.read(0, tokens, 0, tokens.length);
                        byte[] letters = records.get(record);
                        assertThat(tokens).containsExactly(tokenizer.encode(letters, phase, letters.length));
                        assertThat(stream.base(4)).isEqualTo(phase + 4L * k);
                        assertThat(stream.tokenAt(stream.base(4))).isEqualTo(4);
                        assertThat(stream.tokenAt(stream.base(4) + 1)).isEqualTo(5);
                    }
                }
            }
        }
    }

    @Test
    void bases_can_be_read_back_from_any_place_to_the_last_one() throws IOException {
        byte[] letters = "ACGTTGCAACGGTACCATGCATTACGA".getBytes(StandardCharsets.US_ASCII);
        for (int k : new int[] {1, 3, 4}) {
            try (PreparedData data = new PreparedDirectory(directory)
                    .write(KmerTokenizer.kmer(k), new Split("region", List.of()), List.of(letters))) {
                BaseReader reader = new BaseReader(data);
                for (int from = 0; from + k < letters.length; from++) {
                    for (int to = from + k; to <= letters.length; to++) {
                        byte[] codes = reader.read(0, from, to);
                        for (int i = from; i < to; i++) {
                            assertThat(codes[i - from]).isEqualTo(Nucleotide.code(letters[i]));
                        }
                    }
                }
            }
        }
    }

    @Test
    void the_manifest_says_the_same_when_read_again() throws IOException {
        try (PreparedData data = prepared()) {
            assertThat(Manifest.read(FileStore.local(), directory.toString())).isEqualTo(data.manifest());
            assertThat(data.manifest().bases()).isEqualTo(4051);
            assertThat(data.manifest().start(1)).isEqualTo(50);
            assertThat(data.softMasked(1).size()).isPositive();
            assertThat(data.unknown(1).size()).isPositive();
        }
    }

    @Test
    void a_changed_byte_of_any_file_is_refused_and_the_file_named() throws IOException {
        prepared().close();
        for (String name : List.of("tokens-0.bin", "tokens-0.idx", "soft-masked", "unknown")) {
            Path file = directory.resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
            assertThatThrownBy(this::open)
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("SHA-256");
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }
        open().close();
    }

    @Test
    void a_shorter_or_missing_shard_is_refused_and_the_file_named() throws IOException {
        prepared().close();
        Path shard = directory.resolve("tokens-0.bin");
        byte[] bytes = Files.readAllBytes(shard);
        Files.write(shard, java.util.Arrays.copyOf(bytes, bytes.length - 1));
        assertThatThrownBy(this::open)
                .isInstanceOf(UserError.class)
                .hasMessageContaining(
                        shard + ": " + (bytes.length - 1) + " bytes, but manifest.json says " + bytes.length);
        Files.delete(shard);
        assertThatThrownBy(this::open).isInstanceOf(UserError.class).hasMessageContaining(shard + ": no such file");
    }

    @Test
    void a_manifest_that_is_missing_or_damaged_is_refused_in_one_line() throws IOException {
        assertThatThrownBy(this::open).isInstanceOf(UserError.class).hasMessageContaining("prepare the data first");
        prepared().close();
        Path file = directory.resolve(Manifest.FILE_NAME);
        String text = Files.readString(file);
        for (String damaged : List.of(
                "",
                "{}",
                "[1]",
                text.substring(0, text.length() / 2),
                text.replace("\"version\" : 1", "\"version\" : 7"),
                text.replace("\"tokens\" : 1000", "\"tokens\" : 999"),
                text.replace("AAC", "XXX"),
                text.replace("\"end\" : 4001", "\"end\" : 4002"))) {
            Files.writeString(file, damaged);
            assertThatThrownBy(this::open)
                    .as(damaged.substring(0, Math.min(40, damaged.length())))
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith(file.toString())
                    .hasMessageNotContaining("\n");
        }
    }

    private PreparedData prepared() throws IOException {
        return new PreparedDirectory(directory)
                .write(KmerTokenizer.kmer(3), SPLIT, List.of(letters(50, 1), letters(4001, 2)));
    }

    private PreparedData open() throws IOException {
        return PreparedData.open(FileStore.local(), directory.toString());
    }

    private static byte[] letters(int length, long seed) {
        Random random = new Random(seed);
        byte[] letters = new byte[length];
        for (int i = 0; i < length; i++) {
            letters[i] = (byte) "ACGTACGTACGTACGTacgtN".charAt(random.nextInt(21));
        }
        return letters;
    }
}
