package io.longstrand.mesh;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The positions of a sequence that a rank holds, ascending, as few runs of adjacent ones. Its tokens are counted by their
 * index among them.
 *
 * @param runs ascending, none touching the next, none empty
 */
public record Positions(List<Run> runs) {
    /**
     * Adjacent positions.
     *
     * @param from first
     * @param to one past the last
     */
    public record Run(int from, int to) {
        /** How many. */
        public int count() {
            return to - from;
        }

        /** Whether there are none. */
        public boolean isEmpty() {
            return from >= to;
        }

        /** The shortest run that holds both; the other one where one is empty. */
        public Run hull(Run other) {
            if (isEmpty() || other.isEmpty()) {
                return isEmpty() ? other : this;
            }
            return new Run(Math.min(from, other.from), Math.max(to, other.to));
        }

        /** Those that lie in another run too; empty when there are none. */
        public Run within(int otherFrom, int otherTo) {
            int first = Math.max(from, otherFrom);
            return new Run(first, Math.max(first, Math.min(to, otherTo)));
        }
    }

    public Positions {
        runs = List.copyOf(runs);
        int end = -1;
        for (Run run : runs) {
            if (run.from() <= end || run.isEmpty()) {
                throw new IllegalArgumentException("runs " + runs + " are not ascending, apart and filled");
            }
            end = run.to();
        }
    }

    /** All positions of a sequence. */
    public static Positions whole(int length) {
        return new Positions(List.of(new Run(0, length)));
    }

    /** How many there are. */
    public int count() {
        return runs.stream().mapToInt(Run::count).sum();
    }

    /** The position of an index. @throws IndexOutOfBoundsException unless 0 ≤ index < count */
    public int at(int index) {
        int left = index;
        for (Run run : runs) {
            if (left < run.count()) {
                return run.from() + Objects.checkIndex(left, run.count());
            }
            left -= run.count();
        }
        throw new IndexOutOfBoundsException("index " + index + " of " + count() + " positions");
    }

    /** How many of them lie below a position: the index of the first that does not. */
    public int below(int position) {
        int below = 0;
        for (Run run : runs) {
            below += Math.max(0, Math.min(position, run.to()) - run.from());
        }
        return below;
    }

    /** Those of indices {@code from} (inclusive) to {@code to} (exclusive). */
    public Positions part(int from, int to) {
        Objects.checkFromToIndex(from, to, count());
        int first = 0;
        List<Run> part = new ArrayList<>();
        for (Run run : runs) {
            int offset = run.from() - first;
            Run cut = run.within(from + offset, to + offset);
            if (!cut.isEmpty()) {
                part.add(cut);
            }
            first += run.count();
        }
        return new Positions(part);
    }
}
