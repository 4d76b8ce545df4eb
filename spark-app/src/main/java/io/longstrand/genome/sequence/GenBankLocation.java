package io.longstrand.genome.sequence;

import io.longstrand.genome.sequence.CodingSequence.Exon;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A feature location (INSDC feature table definition, section 3.4): ranges, {@code join}, {@code order},
 * {@code complement} and the {@code <} {@code >} markers of partial features.
 *
 * @param exons pieces in reading order; empty when the feature lies partly in another record or at one of several
 *     places, and so has no one sequence here
 * @param partialStart the reading begins before the first piece
 * @param partialEnd the reading goes on behind the last piece
 */
record GenBankLocation(List<Exon> exons, boolean partialStart, boolean partialEnd) {

    /** @throws IllegalArgumentException when the text is no location; the message says where it stops making sense */
    static GenBankLocation parse(String text) {
        Parser parser = new Parser(text.replaceAll("\\s", ""));
        List<Piece> pieces = parser.location();
        if (parser.at != parser.text.length()) {
            throw parser.unexpected();
        }
        if (parser.elsewhere || pieces.isEmpty()) {
            return new GenBankLocation(List.of(), false, false);
        }
        Piece first = pieces.get(0);
        Piece last = pieces.get(pieces.size() - 1);
        return new GenBankLocation(
                pieces.stream().map(Piece::exon).toList(),
                first.exon.strand() == Strand.FORWARD ? first.low : first.high,
                last.exon.strand() == Strand.FORWARD ? last.high : last.low);
    }

    /** {@code low} and {@code high}: whether the marker stands at that end, in forward coordinates. */
    private record Piece(Exon exon, boolean low, boolean high) {
        Piece complement() {
            Strand other = exon.strand() == Strand.FORWARD ? Strand.REVERSE : Strand.FORWARD;
            return new Piece(new Exon(exon.interval(), other), low, high);
        }
    }

    private static final class Parser {
        private static final int DEEPEST = 16;

        private final String text;
        private int at;
        private int depth;
        private boolean elsewhere;

        Parser(String text) {
            this.text = text;
        }

        List<Piece> location() {
            depth++;
            if (depth > DEEPEST) {
                throw unexpected();
            }
            List<Piece> pieces = new ArrayList<>();
            if (take("complement(")) {
                for (Piece piece : location()) {
                    pieces.add(piece.complement());
                }
                Collections.reverse(pieces);
                require(")");
            } else if (take("join(") || take("order(")) {
                list(pieces);
            } else if (take("one-of(") || take("bond(") || take("gap(")) {
                elsewhere = true;
                at = text.length();
            } else {
                range(pieces);
            }
            depth--;
            return pieces;
        }

        private void list(List<Piece> pieces) {
            do {
                pieces.addAll(location());
            } while (take(","));
            require(")");
        }

        private void range(List<Piece> pieces) {
            int colon = text.indexOf(':', at);
            if (colon >= 0 && text.substring(at, colon).matches("[A-Za-z0-9_.|]+")) {
                elsewhere = true;
                at = colon + 1;
            }
            boolean low = take("<");
            boolean high = take(">");
            long start = position();
            long end = start;
            if (take("^")) {
                position();
                return;
            }
            if (take("..")) {
                low |= take("<");
                high |= take(">");
                end = position();
            } else if (take(".")) {
                end = position();
            }
            if (end < start) {
                throw new IllegalArgumentException("range " + start + ".." + end + " ends before it begins");
            }
            pieces.add(new Piece(new Exon(new Interval(start - 1, end), Strand.FORWARD), low, high));
        }

        private long position() {
            int start = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            if (at == start || at - start > 15) {
                throw unexpected();
            }
            long position = Long.parseLong(text.substring(start, at));
            if (position == 0) {
                throw new IllegalArgumentException("positions count from 1");
            }
            return position;
        }

        private boolean take(String expected) {
            if (text.startsWith(expected, at)) {
                at += expected.length();
                return true;
            }
            return false;
        }

        private void require(String expected) {
            if (!elsewhere && !take(expected)) {
                throw unexpected();
            } else if (elsewhere && at < text.length()) {
                take(expected);
            }
        }

        private IllegalArgumentException unexpected() {
            return new IllegalArgumentException("'" + text.substring(Math.min(at, text.length())) + "'");
        }
    }
}
