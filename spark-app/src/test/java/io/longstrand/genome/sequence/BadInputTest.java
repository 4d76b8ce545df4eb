package io.longstrand.genome.sequence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadInputTest {
    private final FileStore store = TestFiles.store();

    @TempDir
    Path directory;

    /** The message for a file, wherever it is split. */
    private String refusal(byte[] bytes) throws IOException {
        String path = TestFiles.write(directory.resolve("input"), bytes);
        String whole = message(path, Long.MAX_VALUE / 2);
        for (long splitBytes : new long[] {1, 7, 20}) {
            assertThat(message(path, splitBytes)).isEqualTo(whole);
        }
        assertThat(whole).startsWith(path + ": ").doesNotContain("\n");
        return whole.substring(path.length() + 2).replace(path, "input");
    }

    private String refusal(String text) throws IOException {
        return refusal(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String message(String path, long splitBytes) throws IOException {
        try {
            SplitReading.read(store, path, splitBytes, 100, 1, 0);
        } catch (UserError e) {
            return e.getMessage();
        }
        throw new AssertionError(path + " was accepted");
    }

    @Test
    void a_missing_file_is_named() {
        String path = directory.resolve("none.fa").toString();
        assertThatThrownBy(() -> SplitReading.whole(store, path))
                .isInstanceOf(UserError.class)
                .hasMessage(path + ": no such file; name an existing FASTA or GenBank file");
    }

    @Test
    void a_directory_is_refused() {
        assertThatThrownBy(() -> SplitReading.whole(store, directory.toString()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("is a directory; name the sequence files in it");
    }

    @Test
    void an_empty_file_is_refused() throws IOException {
        assertThat(refusal("")).startsWith("byte 0: the file is empty; a FASTA");
        assertThat(refusal(TestFiles.gzip(new byte[0]))).startsWith("byte 0: the file is empty; a FASTA");
        assertThat(refusal("\n\n \n")).startsWith("line 1: nothing but blank lines; a FASTA");
    }

    @Test
    void a_sequence_without_a_header_is_refused() throws IOException {
        assertThat(refusal("\nACGTACGT\n")).startsWith("line 2: sequence without a header; a FASTA");
        assertThat(refusal("name\nACGT\n")).startsWith("line 1: no header: the first line is 'name'; a FASTA");
        assertThat(refusal(">\nACGT\n")).startsWith("line 1: header without a name; ".replace(';', ':'));
    }

    @Test
    void html_and_other_text_is_refused() throws IOException {
        assertThat(refusal("<!DOCTYPE html>\n<html>")).startsWith("line 1: HTML or XML, perhaps the error page");
        assertThat(refusal("@read\nACGT\n+\nIIII\n")).startsWith("line 1: begins with '@': FASTQ");
        assertThat(refusal("#include <x>\n")).startsWith("line 1: no header: the first line is '#include <x>'");
        assertThat(refusal(">name\nACGT\n<html>\n")).startsWith("line 3: '<' is not a nucleotide");
    }

    @Test
    void other_compressions_are_named() throws IOException {
        assertThat(refusal("BZh91AY")).isEqualTo("byte 0: compressed with bzip2; decompress it, or use gzip or bgzip");
        assertThat(refusal("PK\3\4")).startsWith("byte 0: compressed with zip");
    }

    @Test
    void utf_16_is_refused_with_and_without_a_mark() throws IOException {
        String right = "byte 0: UTF-16 text; save the file as ASCII or UTF-8";
        assertThat(refusal(">n\nACGT\n".getBytes(StandardCharsets.UTF_16))).isEqualTo(right);
        assertThat(refusal(">n\nACGT\n".getBytes(StandardCharsets.UTF_16LE))).isEqualTo(right);
        assertThat(refusal(">n\nACGT\n".getBytes(StandardCharsets.UTF_16BE))).isEqualTo(right);
        assertThat(refusal("\u00ef\u00bb\u00bf>n\nACGT\n")).startsWith("byte 0: begins with a byte order mark");
    }

    @Test
    void a_protein_fasta_is_refused() throws IOException {
        assertThat(refusal(">p\nACGT\nMKLV\n"))
                .startsWith("line 3: 'L' stands for an amino acid: this looks like a protein FASTA");
        assertThat(refusal(">p\nMSTNAGKVDRHWYMSTNAGKVDRHWY\n"))
                .startsWith("line 2: only 8 of the first 26 letters")
                .contains("protein FASTA");
    }

    @Test
    void a_record_without_sequence_is_named() throws IOException {
        String right = "record 'b' has no sequence; complete it or take its header out";
        assertThat(refusal(">a\nACGT\n>b\n\n>c\nACGT\n")).isEqualTo("line 3: " + right);
        assertThat(refusal(">a\nACGT\nACGT\n>b")).isEqualTo("line 4: " + right);
    }

    @Test
    void duplicate_names_tell_both_places() throws IOException {
        assertThat(refusal(">a x\nACGT\n>b\nACGT\n>a y\nACGT\n"))
                .isEqualTo("line 5: record name 'a' was used before, at input line 1; "
                        + "every record needs a name of its own");
    }

    @Test
    void control_bytes_and_other_bytes_are_shown_in_hexadecimal() throws IOException {
        assertThat(refusal(">a\nAC\u0007GT\n")).startsWith("line 2: control byte 0x07");
        assertThat(refusal(">a\nACGT\n\0\n")).startsWith("line 3: control byte 0x00");
        assertThat(refusal(">a\u0001b\nACGT\n")).startsWith("line 1: control byte 0x01");
        assertThat(refusal(">a\nAC\u00e9GT\n")).startsWith("line 2: byte 0xe9 is not ASCII");
        assertThat(refusal(">a\nAC--GT\n")).startsWith("line 2: gap '-': this looks like an alignment");
        assertThat(refusal(">a\nAC>GT\n")).startsWith("line 2: '>' is not a nucleotide");
    }

    @Test
    void a_header_that_never_ends_is_refused() throws IOException {
        assertThat(refusal(">a\nACGT\n>" + "b".repeat(200) + "\nACGT\n"))
                .startsWith("line 3: header line longer than 100 bytes");
    }

    @Test
    void a_header_that_never_ends_is_told_before_what_else_is_wrong_in_it() throws IOException {
        assertThat(refusal(">a\nACGT\n>b\0" + "b".repeat(200) + "\nACGT\n"))
                .startsWith("line 3: header line longer than 100 bytes");
        assertThat(refusal(">a\nACGT\n>b" + "A".repeat(150))).startsWith("line 3: header line longer than 100 bytes");
        assertThat(refusal(">a\0" + "A".repeat(150) + "\nACGT\n"))
                .startsWith("line 1: header line longer than 100 bytes");
    }

    @Test
    void truncated_gzip_is_refused_with_its_length() throws IOException {
        StringBuilder text = new StringBuilder(">a\n");
        for (int i = 0; i < 300; i++) {
            text.append("ACGT".charAt((i * i + i / 7) % 4));
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] gzip = TestFiles.gzip(bytes);
        for (int length = 2; length < gzip.length; length++) {
            assertThat(refusal(Arrays.copyOf(gzip, length)))
                    .isEqualTo("byte " + length + ": gzip data ends in the middle: the file is truncated; "
                            + "download or copy it again");
        }
        byte[] bgzf = TestFiles.bgzf(bytes, 50);
        assertThat(refusal(Arrays.copyOf(bgzf, bgzf.length - 28)))
                .startsWith("byte " + (bgzf.length - 28) + ": bgzip data ends without its end block");
    }

    @Test
    void damaged_gzip_is_refused() throws IOException {
        byte[] gzip = TestFiles.gzip(">a\nACGT\n".getBytes(StandardCharsets.US_ASCII));
        gzip[gzip.length - 8] ^= 1;
        assertThat(refusal(gzip)).startsWith("byte 0: gzip data that begins here is damaged");
        byte[] followed = Arrays.copyOf(TestFiles.gzip(">a\nACGT\n".getBytes(StandardCharsets.US_ASCII)), 60);
        followed[50] = 'x';
        assertThat(refusal(followed)).contains("not gzip data: the file was damaged or added to");
    }
}
