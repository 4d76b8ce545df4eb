package io.longstrand.genome.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class FastaPropertyTest {
    private static final FileStore STORE = TestFiles.store();
    private static final int LONGEST_HEADER = 40;
    private static Path directory;

    @BeforeContainer
    static void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("fasta");
    }

    @AfterContainer
    static void deleteDirectory() throws IOException {
        STORE.delete(directory.toString());
    }

    /** Records with the bases a reader must find, and one of the many ways to write them. */
    record Fasta(List<String> names, List<String> bases, byte[] text) {
        @Override
        public String toString() {
            return new String(text, StandardCharsets.US_ASCII);
        }
    }

    @Provide
    Arbitrary<Fasta> fasta() {
        return Arbitraries.randomValue(FastaPropertyTest::randomFasta);
    }

    @Property(tries = 400)
    void any_valid_file_gives_exactly_its_bases_at_any_split(
            @ForAll("fasta") Fasta fasta,
            @ForAll @IntRange(min = 1, max = 120) int splitBytes,
            @ForAll @IntRange(min = 1, max = 9) int alignment,
            @ForAll @IntRange(min = 0, max = 8) int overlap,
            @ForAll @IntRange(min = 0, max = 2) int compression,
            @ForAll @IntRange(min = 1, max = 60) int blockBytes)
            throws IOException {
        byte[] bytes = compression == 0
                ? fasta.text
                : compression == 1 ? TestFiles.gzip(fasta.text) : TestFiles.bgzf(fasta.text, blockBytes);
        String path = TestFiles.write(directory.resolve("valid.fa"), bytes);
        for (long align : new long[] {alignment, FragmentReader.WHOLE_RECORDS}) {
            int extra = align == FragmentReader.WHOLE_RECORDS ? 0 : Math.min(overlap, alignment - 1);
            SplitReading reading = SplitReading.read(STORE, path, splitBytes, LONGEST_HEADER, align, extra);
            assertThat(reading.records()).extracting(RecordDescription::name).isEqualTo(fasta.names);
            for (int record = 0; record < fasta.names.size(); record++) {
                assertThat(reading.letters(record)).isEqualTo(fasta.bases.get(record));
                assertThat(reading.records().get(record).bases())
                        .isEqualTo(fasta.bases.get(record).length());
            }
            assertThat(reading.mistakes()).isEmpty();
            assertThat(reading.followingLettersAreRight(extra)).isTrue();
        }
    }

    @Property(tries = 400)
    void a_damaged_file_gives_the_same_message_at_any_split(
            @ForAll("fasta") Fasta fasta,
            @ForAll @IntRange(min = 1, max = 120) int splitBytes,
            @ForAll byte damage,
            @ForAll @IntRange(min = 0, max = 100_000) int place)
            throws IOException {
        byte[] text = fasta.text.clone();
        text[place % text.length] = damage;
        String path = TestFiles.write(directory.resolve("damaged.fa"), text);
        assertThat(outcome(path, splitBytes)).isEqualTo(outcome(path, Long.MAX_VALUE / 2));
    }

    @Property(tries = 400)
    void random_bytes_parse_or_are_refused_in_one_line(@ForAll byte[] bytes, @ForAll boolean header)
            throws IOException {
        byte[] text = header ? concatenate(">r\n".getBytes(StandardCharsets.US_ASCII), bytes) : bytes;
        String path = TestFiles.write(directory.resolve("random"), text);
        String outcome = outcome(path, 16);
        assertThat(outcome).doesNotContain("\n", "\r", "\0");
    }

    @Property(tries = 300)
    void damaged_compressed_bytes_parse_or_are_refused_in_one_line(
            @ForAll("fasta") Fasta fasta,
            @ForAll boolean blocks,
            @ForAll byte damage,
            @ForAll @IntRange(min = 0, max = 100_000) int place,
            @ForAll boolean truncate)
            throws IOException {
        byte[] bytes = blocks ? TestFiles.bgzf(fasta.text, 30) : TestFiles.gzip(fasta.text);
        int at = place % bytes.length;
        byte[] damaged = truncate ? Arrays.copyOf(bytes, at) : bytes;
        if (!truncate) {
            damaged[at] = damage;
        }
        String path = TestFiles.write(directory.resolve("damaged.gz"), damaged);
        String outcome = outcome(path, 64);
        assertThat(outcome).doesNotContain("\n", "\r", "\0");
        if (truncate) {
            assertThat(outcome).startsWith("refused");
        } else if (outcome.startsWith("read")) {
            assertThat(outcome).isEqualTo("read " + String.join(" ", fasta.bases));
        }
    }

    private static String outcome(String path, long splitBytes) throws IOException {
        try {
            SplitReading reading = SplitReading.read(STORE, path, splitBytes, LONGEST_HEADER, 3, 2);
            List<String> all = new ArrayList<>();
            for (int record = 0; record < reading.records().size(); record++) {
                all.add(reading.letters(record));
            }
            return "read " + String.join(" ", all);
        } catch (UserError e) {
            return "refused " + e.getMessage();
        }
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static Fasta randomFasta(Random random) {
        String[] lineEnds = {"\n", "\r\n", "\r"};
        String lineEnd = lineEnds[random.nextInt(3)];
        boolean mixed = random.nextInt(5) == 0;
        int shape = random.nextInt(3);
        int width = 1 + random.nextInt(30);
        boolean blanks = random.nextBoolean();
        List<String> names = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        StringBuilder out = new StringBuilder();
        int records = 1 + random.nextInt(5);
        for (int record = 0; record < records; record++) {
            String name = "r" + record + "x".repeat(random.nextInt(4));
            String[] descriptions = {"", " a description", "\tACGT >x", " ACGTACGTACGT", "  "};
            out.append('>').append(name).append(descriptions[random.nextInt(descriptions.length)]);
            String bases = randomBases(random);
            names.add(name);
            expected.add(bases.replace('U', 'T').replace('u', 't'));
            int at = 0;
            while (at < bases.length()) {
                out.append(mixed ? lineEnds[random.nextInt(3)] : lineEnd);
                while (blanks && random.nextInt(4) == 0) {
                    out.append(random.nextBoolean() ? "" : " \t").append(lineEnd);
                }
                int length = shape == 0 ? bases.length() : shape == 1 ? width : 1 + random.nextInt(width);
                int end = Math.min(bases.length(), at + length);
                out.append(bases, at, end);
                at = end;
                if (blanks && random.nextInt(6) == 0) {
                    out.append(' ');
                }
            }
            if (record < records - 1 || random.nextBoolean()) {
                out.append(lineEnd);
                while (blanks && random.nextInt(3) == 0) {
                    out.append(lineEnd);
                }
            }
        }
        text.writeBytes(out.toString().getBytes(StandardCharsets.US_ASCII));
        return new Fasta(names, expected, text.toByteArray());
    }

    private static String randomBases(Random random) {
        int length = 1 + random.nextInt(random.nextBoolean() ? 20 : 200);
        StringBuilder bases = new StringBuilder();
        while (bases.length() < length) {
            int kind = random.nextInt(12);
            String alphabet = kind == 0 ? "RYKMSWBDHVNU" : kind == 1 ? "N" : "ACGT";
            String piece = random.nextInt(4) == 0 ? alphabet.toLowerCase(Locale.ROOT) : alphabet;
            int run = kind == 0 ? 1 : 1 + random.nextInt(20);
            for (int i = 0; i < run && bases.length() < length; i++) {
                bases.append(piece.charAt(random.nextInt(piece.length())));
            }
        }
        return bases.toString();
    }
}
