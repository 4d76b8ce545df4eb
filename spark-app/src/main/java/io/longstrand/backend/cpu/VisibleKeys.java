package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;

/**
 * A tile's mask resolved, row after row: {@link #look} at a row, then ask which of its columns are visible. A row whose
 * visible columns are adjacent is treated the same way however the mask says so, so that equal masks give equal bits.
 *
 * <p>A row falls into stretches of whole vectors: hidden before {@link #start}; mixed; all visible from {@link #solid}
 * to {@link #solidEnd}; mixed; hidden from {@link #stop} on. Behind the last whole vector, {@link #vectors}, columns are
 * looked at one by one.
 */
abstract class VisibleKeys {
    private final int keys;
    private final int vectors;
    private int first;
    private int end;
    private int start;
    private int solid;
    private int solidEnd;
    private int stop;

    private VisibleKeys(int keys) {
        this.keys = keys;
        this.vectors = Floats.whole(keys);
        set(0, keys, true);
    }

    /** The mask of a tile, for one thread. */
    static VisibleKeys of(TileMask mask, Tensor scores) {
        int keys = Math.toIntExact(scores.columns());
        if (mask instanceof TileMask.Ranges ranges) {
            return new InRanges(ranges, scores.rows(), keys);
        }
        if (mask instanceof TileMask.Bits bits) {
            return new ByBits(bits, scores.rows(), keys);
        }
        return new All(keys);
    }

    /** Turns to a row. */
    abstract void look(long row);

    /** Lanes visible of the vector that starts at a column. */
    int lanes(int column) {
        return LaneMask.first(end - column) & ~LaneMask.first(first - column);
    }

    /** Whether one column is visible. */
    final boolean visible(int column) {
        return (lanes(column) & 1) != 0;
    }

    final int keys() {
        return keys;
    }

    /** End of the last whole vector. */
    final int vectors() {
        return vectors;
    }

    final int start() {
        return start;
    }

    final int solid() {
        return solid;
    }

    final int solidEnd() {
        return solidEnd;
    }

    final int stop() {
        return stop;
    }

    /** Whether nothing is visible. */
    final boolean none() {
        return first >= end;
    }

    /** Whether a column behind the last whole vector may be visible. */
    final boolean tail() {
        return end > vectors;
    }

    final void set(int firstColumn, int endColumn, boolean allBetween) {
        first = firstColumn;
        end = Math.max(firstColumn, endColumn);
        start = Floats.whole(first);
        stop = Math.max(start, Math.min(vectors, up(end)));
        start = Math.min(start, stop);
        solid = allBetween ? Math.min(up(first), stop) : stop;
        solidEnd = Math.max(solid, Math.min(Floats.whole(end), stop));
    }

    private static int up(int column) {
        return Floats.whole(column + Floats.WIDTH - 1);
    }

    private static final class All extends VisibleKeys {
        private All(int keys) {
            super(keys);
        }

        @Override
        void look(long row) {
            // Every row is the same.
        }
    }

    private static final class InRanges extends VisibleKeys {
        private final Rows firsts;
        private final Rows ends;
        private final long tileStart;

        private InRanges(TileMask.Ranges ranges, long rows, int keys) {
            super(keys);
            firsts = Rows.integers(ranges.firstKey(), rows, "firstKey");
            ends = Rows.integers(ranges.endKey(), rows, "endKey");
            tileStart = ranges.tileStart();
        }

        @Override
        void look(long row) {
            set(column(firsts.getInt(row)), column(ends.getInt(row)), true);
        }

        /** The tile's column of a key of the sequence, clamped to the tile. */
        private int column(long key) {
            return (int) Math.max(0, Math.min(keys(), key - tileStart));
        }
    }

    private static final class ByBits extends VisibleKeys {
        private final Rows words;
        private final int perRow;
        private long row;

        private ByBits(TileMask.Bits bits, long rows, int keys) {
            super(keys);
            perRow = TileMask.Bits.words(keys);
            Tensor all = bits.words();
            if (all.rows() != rows || all.columns() != perRow) {
                throw new IllegalArgumentException("words is " + all + ", expected " + rows + " × " + perRow);
            }
            words = Rows.device(all, DataType.INT32, "words");
        }

        @Override
        void look(long next) {
            row = next;
            int firstColumn = 0;
            int endColumn = 0;
            int count = 0;
            for (int index = 0; index < perRow; index++) {
                int word = word(index);
                if (word != 0) {
                    int column = index * Integer.SIZE;
                    firstColumn = count == 0 ? column + Integer.numberOfTrailingZeros(word) : firstColumn;
                    endColumn = column + Integer.SIZE - Integer.numberOfLeadingZeros(word);
                    count += Integer.bitCount(word);
                }
            }
            set(firstColumn, endColumn, count == endColumn - firstColumn);
        }

        /** Bits behind the last column are taken away. */
        private int word(int index) {
            int word = Native.getInt(words.address(row) + (long) index * Integer.BYTES);
            int left = keys() - index * Integer.SIZE;
            return left >= Integer.SIZE ? word : word & (1 << left) - 1;
        }

        @Override
        int lanes(int column) {
            return word(column / Integer.SIZE) >>> column % Integer.SIZE & LaneMask.ALL;
        }
    }
}
