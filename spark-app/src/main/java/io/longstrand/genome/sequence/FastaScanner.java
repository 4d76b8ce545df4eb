package io.longstrand.genome.sequence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Scans FASTA: {@code >name description} lines, each followed by sequence lines of any width, ended by LF, CRLF or CR;
 * blank lines and blanks are skipped. Letters are the IUPAC nucleotide codes (NC-IUB 1984) of either case. May start in
 * the middle of a record, at a line or inside a sequence line.
 */
public final class FastaScanner implements SequenceScanner {
    /** The longest header line in bytes; also how far a split looks ahead for the start of a line. */
    public static final int LONGEST_HEADER = 1 << 16;

    private static final String RIGHT = "a nucleotide FASTA holds A C G T U, N and the codes R Y K M S W B D H V";
    private static final byte[] LETTERS = letters();
    private static final int LONGEST_BLOCK = 256;

    private final SequenceHandler handler;
    private final int longestHeader;
    private byte[] letters = new byte[0];
    private byte[] header = new byte[256];
    private int headerLength;
    /** The first control byte of the header, told at its end: that a header is too long comes first, at any split. */
    private int headerControl;

    private boolean inHeader;
    private boolean inRecord;
    private byte previous;
    private int blockLength = LONGEST_BLOCK;
    private long lines;

    /** Scans a file from its beginning. */
    public FastaScanner(SequenceHandler handler) {
        this(handler, false, false, LONGEST_HEADER);
    }

    /**
     * @param inRecord whether letters may come before the first header
     * @param inLine whether the first byte lies inside a sequence line
     * @param longestHeader header lines of more bytes are refused
     */
    FastaScanner(SequenceHandler handler, boolean inRecord, boolean inLine, int longestHeader) {
        this.handler = handler;
        this.inRecord = inRecord;
        this.previous = (byte) (inLine ? 'N' : '\n');
        this.longestHeader = longestHeader;
    }

    @Override
    public long lines() {
        return lines;
    }

    @Override
    public void feed(byte[] bytes, int from, int to) throws IOException {
        if (letters.length < to - from) {
            letters = new byte[to - from];
        }
        byte[] table = LETTERS;
        byte[] out = letters;
        int found = 0;
        int i = from;
        while (i < to) {
            if (inHeader) {
                int end = lineEnd(bytes, i, to);
                extendHeader(bytes, i, end);
                previous = end > i ? bytes[end - 1] : previous;
                i = end;
                if (i < to) {
                    endHeader();
                }
                continue;
            }
            int start = i;
            int accepted = translate(bytes, i, to, out, found);
            i += accepted;
            found += accepted;
            while (i < to) {
                byte letter = table[bytes[i] & 0xff];
                if (letter == 0) {
                    break;
                }
                out[found++] = letter;
                i++;
            }
            previous = i > start ? bytes[i - 1] : previous;
            if (i == to) {
                break;
            }
            byte other = bytes[i];
            if (i > start) {
                blockLength = Math.min(i - start, LONGEST_BLOCK);
            }
            if (other == '\n') {
                lines += previous == '\r' ? 0 : 1;
            } else if (other == '\r') {
                lines++;
            } else if (other == '>' && (previous == '\n' || previous == '\r')) {
                found = flush(found);
                inHeader = true;
                headerLength = 0;
                headerControl = -1;
            } else if (other != ' ' && other != '\t') {
                throw MalformedInput.atLine(lines + 1, describe(other));
            }
            previous = other;
            i++;
        }
        flush(found);
    }

    @Override
    public void finish() throws IOException {
        if (inHeader) {
            endHeader();
        }
    }

    /**
     * Translates letters in blocks as long as the last line was, as long as they hold nothing else: a loop without an
     * exit at every byte is twice as fast.
     *
     * @return how many
     */
    private int translate(byte[] bytes, int from, int to, byte[] out, int found) {
        byte[] table = LETTERS;
        int length = blockLength;
        int i = from;
        while (to - i >= length && table[bytes[i] & 0xff] != 0) {
            int offset = found + i - from;
            int sign = 0;
            for (int j = 0; j < length; j++) {
                byte letter = table[bytes[i + j] & 0xff];
                out[offset + j] = letter;
                sign |= letter - 1;
            }
            if (sign < 0) {
                break;
            }
            i += length;
        }
        return i - from;
    }

    /** The split has ended, but not the file: cuts are only made where no header of legal length lies. */
    void finishSplit() throws MalformedInput {
        if (inHeader) {
            throw longHeader();
        }
    }

    /** The letter a byte stands for, U as T, case kept; 0 when it stands for none. */
    static byte letter(byte value) {
        return LETTERS[value & 0xff];
    }

    private int flush(int found) throws IOException {
        if (found > 0) {
            if (!inRecord) {
                throw MalformedInput.atLine(
                        Math.max(1, lines),
                        "sequence before the first header: a FASTA record begins with a '>name' line");
            }
            handler.bases(letters, 0, found);
        }
        return 0;
    }

    private MalformedInput longHeader() {
        return MalformedInput.atLine(
                lines + 1, "header line longer than " + longestHeader + " bytes: a header is one short line");
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        int end = from;
        while (end < to && bytes[end] != '\n' && bytes[end] != '\r') {
            end++;
        }
        return end;
    }

    private void extendHeader(byte[] bytes, int from, int to) throws MalformedInput {
        int length = headerLength + to - from;
        if (length >= longestHeader) {
            throw longHeader();
        }
        for (int i = from; i < to && headerControl < 0; i++) {
            if (isControl(bytes[i]) && bytes[i] != '\t') {
                headerControl = bytes[i];
            }
        }
        if (length > header.length) {
            header = Arrays.copyOf(header, Math.max(length, header.length * 2));
        }
        System.arraycopy(bytes, from, header, headerLength, to - from);
        headerLength = length;
    }

    private void endHeader() throws IOException {
        if (headerControl >= 0) {
            throw MalformedInput.atLine(lines + 1, describe((byte) headerControl));
        }
        inHeader = false;
        inRecord = true;
        int start = 0;
        while (start < headerLength && isBlank(header[start])) {
            start++;
        }
        int end = start;
        while (end < headerLength && !isBlank(header[end])) {
            end++;
        }
        if (start == end) {
            throw MalformedInput.atLine(lines + 1, "header without a name: a FASTA record begins with a '>name' line");
        }
        String name = new String(header, start, end - start, StandardCharsets.UTF_8);
        handler.beginRecord(new RecordHeader(name, lines + 1, Topology.LINEAR, List.of()));
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\t';
    }

    private static boolean isControl(byte value) {
        return value >= 0 && value < ' ' || value == 0x7f;
    }

    static String describe(byte value) {
        if (isControl(value)) {
            return String.format("control byte 0x%02x: not a text file, or damaged; %s", value, RIGHT);
        }
        if (value < 0) {
            return String.format("byte 0x%02x is not ASCII; %s", value & 0xff, RIGHT);
        }
        if ("EFILPQZJOX*".indexOf(Character.toUpperCase((char) value)) >= 0) {
            return "'" + (char) value + "' stands for an amino acid: this looks like a protein FASTA; " + RIGHT;
        }
        if (value == '-' || value == '.') {
            return "gap '" + (char) value + "': this looks like an alignment; give the sequences without gaps";
        }
        return "'" + (char) value + "' is not a nucleotide; " + RIGHT;
    }

    /** The letter each byte stands for, 0 where it is none. */
    private static byte[] letters() {
        byte[] table = new byte[256];
        for (char letter : "ACGTNRYKMSWBDHV".toCharArray()) {
            table[letter] = (byte) letter;
            table[Character.toLowerCase(letter)] = (byte) Character.toLowerCase(letter);
        }
        table['U'] = 'T';
        table['u'] = 't';
        return table;
    }
}
