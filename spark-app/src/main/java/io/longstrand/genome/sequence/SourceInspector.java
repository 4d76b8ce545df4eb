package io.longstrand.genome.sequence;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Looks at the first bytes of an input, so that what is no sequence file is refused at once and by its right name. */
public final class SourceInspector {
    private static final int SAMPLE_BYTES = 1 << 16;
    private static final int ENOUGH_LETTERS = 20;
    private static final String RIGHT = "a FASTA ('>name' line, then sequence) or GenBank file is needed";
    /** The empty block every complete BGZF file ends with (SAM specification, section 4.1.2). */
    private static final byte[] BGZF_END =
            HexFormat.of().parseHex("1f8b08040000000000ff0600424302001b0003000000000000000000");

    private final FileStore store;

    public SourceInspector(FileStore store) {
        this.store = store;
    }

    /**
     * @param path a FASTA or GenBank file, plain or compressed
     * @throws UserError when it is missing, empty or plainly something else
     */
    public SequenceSource inspect(String path) throws IOException {
        if (!store.exists(path)) {
            throw new UserError(path + ": no such file; name an existing FASTA or GenBank file");
        }
        if (store.isDirectory(path)) {
            throw new UserError(path + ": is a directory; name the sequence files in it");
        }
        long bytes = store.length(path);
        if (bytes == 0) {
            throw empty(path);
        }
        byte[] start = sample(path, Compression.NONE);
        Compression compression = compression(path, start, bytes);
        byte[] sample = compression == Compression.NONE ? start : sample(path, compression);
        if (sample.length == 0) {
            throw empty(path);
        }
        return new SequenceSource(path, format(path, sample), compression, bytes);
    }

    private byte[] sample(String path, Compression compression) throws IOException {
        byte[] sample = new byte[SAMPLE_BYTES];
        int length = 0;
        if (compression == Compression.NONE) {
            try (InputStream input = store.open(path)) {
                length = input.readNBytes(sample, 0, SAMPLE_BYTES);
            }
        } else {
            try (GzipInput input = new GzipInput(store.open(path), 0)) {
                while (length < SAMPLE_BYTES && input.advance()) {
                    length += input.read(sample, length, SAMPLE_BYTES - length);
                }
            } catch (MalformedInput e) {
                throw e.in(path);
            }
        }
        return Arrays.copyOf(sample, length);
    }

    private Compression compression(String path, byte[] start, long bytes) throws IOException {
        if (startsWith(start, "1f8b")) {
            if (BgzfBlocks.blockLength(start, 0) < 0) {
                return Compression.GZIP;
            }
            requireBgzfEnd(path, bytes);
            return Compression.BGZF;
        }
        String other = startsWith(start, "425a68")
                ? "bzip2"
                : startsWith(start, "28b52ffd")
                        ? "zstd"
                        : startsWith(start, "fd377a585a") ? "xz" : startsWith(start, "504b0304") ? "zip" : null;
        if (other != null) {
            throw new UserError(path + ": byte 0: compressed with " + other + "; decompress it, or use gzip or bgzip");
        }
        return Compression.NONE;
    }

    private void requireBgzfEnd(String path, long bytes) throws IOException {
        byte[] end = new byte[0];
        if (bytes >= BGZF_END.length) {
            try (InputStream input = store.open(path, bytes - BGZF_END.length)) {
                end = input.readNBytes(BGZF_END.length);
            }
        }
        if (!Arrays.equals(end, BGZF_END)) {
            throw new UserError(path + ": byte " + bytes
                    + ": bgzip data ends without its end block: the file is truncated; download or copy it again");
        }
    }

    private static SequenceFormat format(String path, byte[] sample) {
        if (startsWith(sample, "feff") || startsWith(sample, "fffe") || looksUtf16(sample)) {
            throw new UserError(path + ": byte 0: UTF-16 text; save the file as ASCII or UTF-8");
        }
        if (startsWith(sample, "efbbbf")) {
            throw new UserError(path + ": byte 0: begins with a byte order mark; save the file as plain ASCII");
        }
        int at = 0;
        long line = 1;
        while (at < sample.length && sample[at] >= 0 && Character.isWhitespace(sample[at])) {
            line += sample[at] == '\n' ? 1 : 0;
            at++;
        }
        if (at == sample.length) {
            if (sample.length < SAMPLE_BYTES) {
                throw new UserError(path + ": line 1: nothing but blank lines; " + RIGHT);
            }
            return SequenceFormat.FASTA;
        }
        if (sample[at] == '>') {
            refuseProtein(path, sample, at, line);
            return SequenceFormat.FASTA;
        }
        String text = new String(sample, at, sample.length - at, StandardCharsets.ISO_8859_1);
        if (text.startsWith("LOCUS ") || text.contains("\nLOCUS ")) {
            return SequenceFormat.GENBANK;
        }
        throw new UserError(path + ": line " + line + ": " + describe(text) + "; " + RIGHT);
    }

    private static String describe(String text) {
        char first = text.charAt(0);
        if (first == '<') {
            return "HTML or XML, perhaps the error page of a download";
        }
        if (first == '@') {
            return "begins with '@': FASTQ reads or SAM, not a genome";
        }
        if (first < ' ' || first == 0x7f) {
            return String.format("control byte 0x%02x: not a text file", (int) first);
        }
        String firstLine = text.lines().findFirst().orElse("").strip();
        return firstLine.chars().allMatch(c -> "ACGTUNacgtun".indexOf(c) >= 0)
                ? "sequence without a header"
                : "no header: the first line is '" + shorten(firstLine) + "'";
    }

    private static String shorten(String line) {
        String printable = line.replaceAll("[^\\x20-\\x7e]", "?");
        return printable.length() <= 40 ? printable : printable.substring(0, 40) + "…";
    }

    /** A short protein may hold letters that are all IUPAC nucleotide codes too; no genome is mostly those. */
    private static void refuseProtein(String path, byte[] sample, int from, long firstLine) {
        boolean header = false;
        long line = firstLine;
        long sequenceLine = 0;
        int letters = 0;
        int bases = 0;
        for (int i = from; i < sample.length; i++) {
            byte value = sample[i];
            if (value == '\n' || value == '\r') {
                header = false;
                line += value == '\n' ? 1 : 0;
            } else if (value == '>') {
                header = true;
            } else if (!header && value > 0 && Character.isLetter(value)) {
                sequenceLine = sequenceLine == 0 ? line : sequenceLine;
                letters++;
                bases += "ACGTUNacgtun".indexOf(value) >= 0 ? 1 : 0;
            }
        }
        if (letters >= ENOUGH_LETTERS && bases * 2 < letters) {
            throw new UserError(
                    path + ": line " + sequenceLine + ": only " + bases + " of the first " + letters
                            + " letters are A, C, G, T, U or N: this looks like a protein FASTA; nucleotide sequence is needed");
        }
    }

    /** ASCII text in UTF-16 without a mark has a zero in every other byte. */
    private static boolean looksUtf16(byte[] sample) {
        return sample.length >= 4
                && (sample[0] == 0 && sample[2] == 0 && sample[1] != 0 && sample[3] != 0
                        || sample[1] == 0 && sample[3] == 0 && sample[0] != 0 && sample[2] != 0);
    }

    private static boolean startsWith(byte[] bytes, String hexadecimal) {
        byte[] expected = HexFormat.of().parseHex(hexadecimal);
        return bytes.length >= expected.length
                && Arrays.equals(bytes, 0, expected.length, expected, 0, expected.length);
    }

    private static UserError empty(String path) {
        return new UserError(path + ": byte 0: the file is empty; " + RIGHT);
    }
}
