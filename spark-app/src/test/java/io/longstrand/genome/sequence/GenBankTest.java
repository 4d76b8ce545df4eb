package io.longstrand.genome.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.CodingSequence.Exon;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenBankTest {
    private static final String TEXT = """
            LOCUS       TEST1                     72 bp    DNA     circular BCT 01-JAN-2020
            DEFINITION  Made for a test.
            ACCESSION   TEST1
            VERSION     TEST1.2
            FEATURES             Location/Qualifiers
                 source          1..72
                                 /organism="CDS 1..3 in a text"
                 CDS             complement(join(4..12,
                                 20..>29))
                                 /note="a quote "" and
                                 /codon_start=3 inside a text"
                                 /codon_start=2
                                 /transl_table=11
                                 /translation="MK"
                 gene            1..3
                                 /codon_start=3
                 CDS             <1..9
                 CDS             join(J00194.1:1..3,1..9)
            ORIGIN
                    1 acgtnacgta cgtacgtacg uacgtacgta cgtacgtacg tacgtacgta cgtacgtacg
                   61 ttttttgggg cc
            //
            LOCUS       TEST2         4 bp    DNA     linear   BCT 01-JAN-2020
            ORIGIN
                    1 rykm
            //
            """;

    private final FileStore store = TestFiles.store();

    @TempDir
    Path directory;

    private SplitReading read(byte[] bytes) throws IOException {
        return SplitReading.whole(store, TestFiles.write(directory.resolve("test.gb"), bytes));
    }

    private SplitReading read(String text) throws IOException {
        return read(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void refused(String text, String message) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(UserError.class).hasMessageContaining("test.gb: " + message);
    }

    @Test
    void records_come_with_name_topology_and_upper_case_bases() throws IOException {
        for (byte[] bytes : new byte[][] {
            TEXT.getBytes(StandardCharsets.US_ASCII),
            TEXT.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII),
            TestFiles.gzip(TEXT.getBytes(StandardCharsets.US_ASCII)),
            TestFiles.bgzf(TEXT.getBytes(StandardCharsets.US_ASCII), 100)
        }) {
            SplitReading reading = read(bytes);
            assertThat(reading.records()).extracting(RecordDescription::name).containsExactly("TEST1.2", "TEST2");
            assertThat(reading.records())
                    .extracting(RecordDescription::topology)
                    .containsExactly(Topology.CIRCULAR, Topology.LINEAR);
            assertThat(reading.letters(0))
                    .isEqualTo("ACGTNACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACGTACG" + "TTTTTTGGGGCC");
            assertThat(reading.letters(1)).isEqualTo("RYKM");
        }
    }

    @Test
    void coding_sequences_are_read_with_strand_frame_and_code() throws IOException {
        var codingSequences = read(TEXT).records().get(0).codingSequences();
        assertThat(codingSequences).hasSize(2);
        CodingSequence first = codingSequences.get(0);
        assertThat(first.exons())
                .containsExactly(
                        new Exon(new Interval(19, 29), Strand.REVERSE), new Exon(new Interval(3, 12), Strand.REVERSE));
        assertThat(first.partialStart()).isTrue();
        assertThat(first.partialEnd()).isFalse();
        assertThat(first.codonStart()).isEqualTo(2);
        assertThat(first.translationTable()).isEqualTo(11);
        assertThat(codingSequences.get(1).partialStart()).isTrue();
        assertThat(codingSequences.get(1).codonStart()).isEqualTo(1);
    }

    @Test
    void locations_keep_their_reading_order() {
        assertThat(GenBankLocation.parse("join(complement(69611..69724),139856..140087)")
                        .exons())
                .containsExactly(
                        new Exon(new Interval(69610, 69724), Strand.REVERSE),
                        new Exon(new Interval(139855, 140087), Strand.FORWARD));
        assertThat(GenBankLocation.parse("order(9,7.8,3^4)").exons())
                .containsExactly(
                        new Exon(new Interval(8, 9), Strand.FORWARD), new Exon(new Interval(6, 8), Strand.FORWARD));
        assertThat(GenBankLocation.parse("complement(<1..>9)").partialEnd()).isTrue();
        assertThat(GenBankLocation.parse("join(complement(A1.1:4..5),7..9)").exons())
                .isEmpty();
        assertThat(GenBankLocation.parse("complement(one-of(1,4)..9)").exons()).isEmpty();
    }

    @Property(tries = 300)
    void a_random_location_parses_or_is_refused(@ForAll String text) {
        try {
            GenBankLocation.parse(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @Property(tries = 300)
    void a_damaged_file_gives_its_bases_or_is_refused(
            @ForAll byte damage, @ForAll @IntRange(min = 0, max = 2000) int place) throws IOException {
        byte[] bytes = TEXT.getBytes(StandardCharsets.US_ASCII);
        bytes[place % bytes.length] = damage;
        Path path = java.nio.file.Files.createTempFile("genbank", ".gb");
        try {
            SplitReading.whole(store, TestFiles.write(path, bytes));
        } catch (UserError e) {
            assertThat(e.getMessage()).doesNotContain("\n", "\r", "\0");
        } finally {
            java.nio.file.Files.delete(path);
        }
    }

    @Test
    void malformed_files_are_refused_with_their_line() {
        refused(TEXT.replace("        4 bp", "        4 aa"), "line 23: LOCUS counts amino acids");
        refused(TEXT.replace(" 72 bp", " 73 bp"), "line 1: record 'TEST1.2' has 72 bases where its LOCUS line says 73");
        refused(TEXT.replace("       61 ", "       62 "), "line 21: sequence line numbered 62 where base 61 is due");
        refused(TEXT.substring(0, TEXT.length() - 3), "line 25: the file ends inside record 'TEST2'");
        refused(
                TEXT.replaceFirst("ORIGIN\\n.*\\n.*\\n", "CONTIG      join(X:1..2)\n"),
                "line 1: record 'TEST1.2' has no");
        refused(TEXT.replace("<1..9", "<1..90"), "line 17: CDS reaches base 90 of a record of 72 bases");
        refused(TEXT.replace("<1..9", "<1..x"), "line 17: CDS location '<1..x' makes no sense at 'x'");
        refused(TEXT.replace("codon_start=2", "codon_start=4"), "line 8: CDS with '/codon_start=4'");
        refused(TEXT.replace("rykm", "rykl"), "line 25: 'l' stands for an amino acid");
        refused(TEXT.replace("Made", "Ma\u0007e"), "line 2: control byte 0x07");
        refused(TEXT.replace("TEST1.2", "TEST2"), "line 23: record name 'TEST2' was used before");
    }
}
