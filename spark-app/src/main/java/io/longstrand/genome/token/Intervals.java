package io.longstrand.genome.token;

import java.util.Arrays;

/** Disjoint stretches of one record in base order, e.g. its soft-masked bases. Immutable. */
public final class Intervals {
    /** No stretch at all. */
    public static final Intervals NONE = new Builder().build();

    private final long[] starts;
    private final long[] ends;
    // before[i]: bases covered by the intervals before i
    private final long[] before;

    private Intervals(long[] starts, long[] ends) {
        this.starts = starts;
        this.ends = ends;
        this.before = new long[starts.length + 1];
        for (int i = 0; i < starts.length; i++) {
            before[i + 1] = before[i] + ends[i] - starts[i];
        }
    }

    /** Collects intervals in base order; touching ones become one. */
    public static final class Builder {
        private final LongList starts = new LongList();
        private final LongList ends = new LongList();

        /** Adds {@code [start, end)}; it must not begin before the end of the last one. An empty one adds nothing. */
        public Builder add(long start, long end) {
            long last = ends.size() == 0 ? 0 : ends.get(ends.size() - 1);
            if (start < last || end < start) {
                throw new IllegalArgumentException(
                        "interval " + start + ".." + end + " after one that ends at " + last);
            }
            if (end > start) {
                if (ends.size() > 0 && start == last) {
                    ends.set(ends.size() - 1, end);
                } else {
                    starts.add(start);
                    ends.add(end);
                }
            }
            return this;
        }

        public Intervals build() {
            return new Intervals(starts.toArray(), ends.toArray());
        }
    }

    /** @return how many intervals */
    public int size() {
        return starts.length;
    }

    /** @return first base of interval i */
    public long start(int i) {
        return starts[i];
    }

    /** @return one past the last base of interval i */
    public long end(int i) {
        return ends[i];
    }

    /** @return bases of {@code [from, to)} that lie in an interval */
    public long covered(long from, long to) {
        return coveredBefore(to) - coveredBefore(from);
    }

    private long coveredBefore(long base) {
        int found = Arrays.binarySearch(starts, base);
        if (found >= 0) {
            return before[found];
        }
        int last = -found - 2; // the last interval that starts before the base
        return last < 0 ? 0 : before[last] + Math.min(base, ends[last]) - starts[last];
    }
}
