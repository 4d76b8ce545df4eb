package io.longstrand.genome.sequence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Scans GenBank flat files (NCBI GenBank release notes, section 3): name, topology and CDS features of each record, then
 * its sequence. Letters come out in upper case: the format writes all sequence in lower case, which marks nothing.
 */
public final class GenBankScanner implements SequenceScanner {
    private static final int LONGEST_LINE = 1 << 16;
    private static final int QUALIFIER_COLUMN = 21;

    private enum Part {
        BETWEEN_RECORDS,
        ANNOTATION,
        FEATURES,
        SEQUENCE
    }

    private final SequenceHandler handler;
    private byte[] line = new byte[128];
    private int length;
    private byte previous = '\n';
    private long lines;

    private Part part = Part.BETWEEN_RECORDS;
    private boolean anyRecord;
    private String name;
    private long recordLine;
    private long statedBases;
    private long bases;
    private Topology topology;
    private GenBankFeature feature;
    private List<CodingSequence> codingSequences = new ArrayList<>();

    public GenBankScanner(SequenceHandler handler) {
        this.handler = handler;
    }

    @Override
    public long lines() {
        return lines;
    }

    @Override
    public void feed(byte[] bytes, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            byte value = bytes[i];
            if (value == '\n' || value == '\r') {
                if (value == '\r' || previous != '\r') {
                    endLine();
                }
            } else {
                if (length == line.length) {
                    if (length == LONGEST_LINE) {
                        throw problem("line longer than " + LONGEST_LINE + " bytes: not a GenBank flat file");
                    }
                    line = Arrays.copyOf(line, length * 2);
                }
                line[length++] = value;
            }
            previous = value;
        }
    }

    @Override
    public void finish() throws IOException {
        if (length > 0) {
            endLine();
        }
        if (part != Part.BETWEEN_RECORDS) {
            throw MalformedInput.atLine(
                    lines,
                    "the file ends inside record '" + name + "', without '//': it is truncated; download it again");
        }
        if (!anyRecord) {
            throw MalformedInput.atLine(1, "no LOCUS line: a GenBank record begins with one");
        }
    }

    private void endLine() throws IOException {
        if (part == Part.SEQUENCE && !(length > 1 && line[0] == '/')) {
            sequenceLine();
        } else {
            String text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
            refuseControls(text);
            textLine(text);
        }
        lines++;
        length = 0;
    }

    private void textLine(String text) throws IOException {
        if (text.startsWith("//")) {
            endRecord();
        } else if (text.startsWith("LOCUS ")) {
            beginLocus(text);
        } else if (part == Part.BETWEEN_RECORDS) {
            // Release files open with a page of text.
            return;
        } else if (text.startsWith("ORIGIN")) {
            beginSequence();
        } else if (text.startsWith("FEATURES")) {
            part = Part.FEATURES;
        } else if (part == Part.FEATURES && text.startsWith(" ")) {
            featureLine(text);
        } else if (text.startsWith("VERSION ") || text.startsWith("ACCESSION ") && !name.contains(".")) {
            String[] words = text.trim().split("\\s+");
            name = words.length > 1 ? words[1] : name;
        }
    }

    private void beginLocus(String text) throws IOException {
        if (part != Part.BETWEEN_RECORDS) {
            throw problem("LOCUS inside record '" + name + "': a record ends with '//'");
        }
        String[] words = text.trim().split("\\s+");
        int unit = Arrays.asList(words).indexOf("bp");
        if (Arrays.asList(words).contains("aa")) {
            throw problem("LOCUS counts amino acids (aa): this is a protein; a nucleotide record (bp) is needed");
        }
        if (unit < 2 || !words[unit - 1].matches("[0-9]{1,15}")) {
            throw problem("LOCUS line without a length: 'LOCUS name length bp …' is needed");
        }
        name = words[1];
        statedBases = Long.parseLong(words[unit - 1]);
        topology = Arrays.asList(words).contains("circular") ? Topology.CIRCULAR : Topology.LINEAR;
        recordLine = lines + 1;
        bases = 0;
        codingSequences = new ArrayList<>();
        part = Part.ANNOTATION;
    }

    private void featureLine(String text) throws IOException {
        boolean newFeature = text.length() > 5 && text.startsWith("     ") && text.charAt(5) != ' ';
        if (newFeature) {
            endFeature();
            String[] words = text.trim().split("\\s+", 2);
            feature = words[0].equals("CDS") ? new GenBankFeature(lines + 1) : null;
            if (feature != null && words.length > 1) {
                feature.add(words[1]);
            }
        } else if (feature != null && text.length() > QUALIFIER_COLUMN) {
            feature.add(text.substring(QUALIFIER_COLUMN).trim());
        }
    }

    private void endFeature() throws IOException {
        if (feature != null) {
            CodingSequence codingSequence = feature.codingSequence(statedBases);
            if (codingSequence != null) {
                codingSequences.add(codingSequence);
            }
            feature = null;
        }
    }

    private void beginSequence() throws IOException {
        endFeature();
        part = Part.SEQUENCE;
        anyRecord = true;
        handler.beginRecord(new RecordHeader(name, recordLine, topology, codingSequences));
    }

    /** {@code "       61 ccgccatgca atgtttatat …"}: the number of its first base, then letters in groups. */
    private void sequenceLine() throws IOException {
        int at = 0;
        while (at < length && line[at] == ' ') {
            at++;
        }
        if (at == length) {
            return;
        }
        long number = 0;
        int digits = at;
        while (at < length && line[at] >= '0' && line[at] <= '9' && at - digits < 15) {
            number = number * 10 + line[at] - '0';
            at++;
        }
        if (number != bases + 1) {
            throw problem("sequence line numbered " + number + " where base " + (bases + 1)
                    + " is due: lines are missing or damaged; download the record again");
        }
        int found = 0;
        for (int i = at; i < length; i++) {
            byte letter = FastaScanner.letter(line[i]);
            if (letter != 0) {
                line[found++] = letter >= 'a' ? (byte) (letter - 'a' + 'A') : letter;
            } else if (line[i] != ' ') {
                throw problem(FastaScanner.describe(line[i]));
            }
        }
        bases += found;
        if (found > 0) {
            handler.bases(line, 0, found);
        }
    }

    private void endRecord() throws IOException {
        if (part == Part.ANNOTATION || part == Part.FEATURES) {
            throw MalformedInput.atLine(
                    recordLine,
                    "record '" + name + "' has no sequence (no ORIGIN); download it with its sequence (gbwithparts)");
        }
        if (part == Part.SEQUENCE && bases != statedBases) {
            throw MalformedInput.atLine(
                    recordLine,
                    String.format(
                            Locale.ROOT,
                            "record '%s' has %d bases where its LOCUS line says %d; download it again",
                            name,
                            bases,
                            statedBases));
        }
        part = Part.BETWEEN_RECORDS;
    }

    private void refuseControls(String text) throws MalformedInput {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' && text.charAt(i) != '\t') {
                throw problem(FastaScanner.describe((byte) text.charAt(i)));
            }
        }
    }

    private MalformedInput problem(String what) {
        return MalformedInput.atLine(lines + 1, what);
    }
}
