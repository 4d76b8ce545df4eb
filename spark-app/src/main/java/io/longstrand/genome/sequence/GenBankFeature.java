package io.longstrand.genome.sequence;

import io.longstrand.genome.sequence.CodingSequence.Exon;

/** One CDS of a GenBank feature table while its lines come in. */
final class GenBankFeature {
    private final long line;
    private final StringBuilder location = new StringBuilder();
    private boolean inQualifiers;
    private boolean inText;
    private int codonStart = 1;
    private int translationTable = 1;

    /** @param line where it begins */
    GenBankFeature(long line) {
        this.line = line;
    }

    /** Takes the text behind the key's columns of one more line. */
    void add(String text) throws MalformedInput {
        if (inText) {
            inText = !closesText(text);
            return;
        }
        if (!text.startsWith("/")) {
            if (!inQualifiers) {
                location.append(text);
            }
            return;
        }
        inQualifiers = true;
        int equals = text.indexOf('=');
        String value = equals < 0 ? "" : text.substring(equals + 1);
        inText = value.startsWith("\"") && !closesText(value.substring(1));
        if (text.startsWith("/codon_start=")) {
            codonStart = number(text, value, 3);
        } else if (text.startsWith("/transl_table=")) {
            translationTable = number(text, value, 99);
        }
    }

    /**
     * @param bases length of the record
     * @return the feature, or null when it lies partly elsewhere and so has no sequence in this record
     */
    CodingSequence codingSequence(long bases) throws MalformedInput {
        GenBankLocation found;
        try {
            found = GenBankLocation.parse(location.toString());
        } catch (IllegalArgumentException e) {
            throw MalformedInput.atLine(
                    line,
                    "CDS location '" + location + "' makes no sense at " + e.getMessage()
                            + "; 'join(complement(5..10),20..<30)' shows the form");
        }
        for (Exon exon : found.exons()) {
            if (exon.interval().end() > bases) {
                throw MalformedInput.atLine(
                        line,
                        "CDS reaches base " + exon.interval().end() + " of a record of " + bases
                                + " bases; download the record again");
            }
        }
        return found.exons().isEmpty()
                ? null
                : new CodingSequence(
                        found.exons(), found.partialStart(), found.partialEnd(), codonStart, translationTable);
    }

    /** A quoted text ends with a quote that is not doubled. */
    private static boolean closesText(String text) {
        int quotes = 0;
        while (quotes < text.length() && text.charAt(text.length() - 1 - quotes) == '"') {
            quotes++;
        }
        return quotes % 2 == 1;
    }

    private int number(String qualifier, String value, int highest) throws MalformedInput {
        String digits = value.replace("\"", "").trim();
        if (!digits.matches("[1-9][0-9]?") || Integer.parseInt(digits) > highest) {
            throw MalformedInput.atLine(
                    line, "CDS with '" + qualifier + "'; a number from 1 to " + highest + " is due");
        }
        return Integer.parseInt(digits);
    }
}
