package io.longstrand.model;

import java.util.List;

/**
 * What a rank holds of a logical matrix: some of its rows, and of these some of the columns, moved together in their
 * order. A vector has one row.
 *
 * @param wholeRows rows of the logical matrix
 * @param wholeColumns its columns
 * @param rowSpans rows that are held, ascending
 * @param columnSpans columns that are held, ascending
 */
public record MatrixShare(long wholeRows, long wholeColumns, List<Span> rowSpans, List<Span> columnSpans) {
    /** What is done with elements that are adjacent in the share and in the logical matrix. */
    @FunctionalInterface
    public interface Run {
        /** Does it. @param held first element counted in the share @param logical the same counted in the whole */
        void run(long held, long logical, long count);
    }

    public MatrixShare {
        rowSpans = List.copyOf(rowSpans);
        columnSpans = List.copyOf(columnSpans);
        requireAscending(rowSpans, wholeRows);
        requireAscending(columnSpans, wholeColumns);
    }

    /** All of a matrix. */
    public static MatrixShare whole(long rows, long columns) {
        return new MatrixShare(rows, columns, List.of(new Span(0, rows)), List.of(new Span(0, columns)));
    }

    /** Rows that are held. */
    public long rows() {
        return count(rowSpans);
    }

    /** Columns that are held. */
    public long columns() {
        return count(columnSpans);
    }

    /** Elements that are held. */
    public long elements() {
        return rows() * columns();
    }

    /** Whether nothing is missing. */
    public boolean isWhole() {
        return elements() == wholeRows * wholeColumns;
    }

    /** Goes through held elements {@code from} to {@code to} in runs as long as possible. */
    public void runs(long from, long to, Run work) {
        boolean wholeRowsHeld = columns() == wholeColumns;
        long first = 0; // row of the share
        for (Span span : rowSpans) {
            if (wholeRowsHeld) {
                visit(from, to, first * wholeColumns, span.from() * wholeColumns, span.count() * wholeColumns, work);
            } else {
                rows(from, to, first, span, work);
            }
            first += span.count();
        }
    }

    /** Goes through those of the logical elements {@code from} to {@code to} that are held, in runs as long as possible. */
    public void heldRuns(long from, long to, Run work) {
        boolean wholeRowsHeld = columns() == wholeColumns;
        long first = 0; // row of the share
        for (Span span : rowSpans) {
            if (wholeRowsHeld) {
                long start = span.from() * wholeColumns;
                long end = span.to() * wholeColumns;
                visitHeld(from, to, first * wholeColumns, start, end - start, work);
            } else {
                heldRows(from, to, first, span, work);
            }
            first += span.count();
        }
    }

    private void heldRows(long from, long to, long first, Span span, Run work) {
        long begin = Math.max(span.from(), from / wholeColumns);
        long end = Math.min(span.to(), (to + wholeColumns - 1) / wholeColumns);
        for (long row = begin; row < end; row++) {
            long held = (first + row - span.from()) * columns();
            for (Span part : columnSpans) {
                visitHeld(from, to, held, row * wholeColumns + part.from(), part.count(), work);
                held += part.count();
            }
        }
    }

    /** What of a run lies between two logical elements. */
    private static void visitHeld(long from, long to, long held, long logical, long count, Run work) {
        long begin = Math.max(from, logical);
        long end = Math.min(to, logical + count);
        if (begin < end) {
            work.run(held + begin - logical, begin, end - begin);
        }
    }

    private void rows(long from, long to, long first, Span span, Run work) {
        long columns = columns();
        if (columns == 0) {
            return;
        }
        long begin = Math.max(first, from / columns);
        long end = Math.min(first + span.count(), (to + columns - 1) / columns);
        for (long row = begin; row < end; row++) {
            long held = row * columns;
            long logical = (span.from() + row - first) * wholeColumns;
            for (Span part : columnSpans) {
                visit(from, to, held, logical + part.from(), part.count(), work);
                held += part.count();
            }
        }
    }

    /** What of a run lies between two held elements. */
    private static void visit(long from, long to, long held, long logical, long count, Run work) {
        long begin = Math.max(from, held);
        long end = Math.min(to, held + count);
        if (begin < end) {
            work.run(begin, logical + begin - held, end - begin);
        }
    }

    private static long count(List<Span> spans) {
        return spans.stream().mapToLong(Span::count).sum();
    }

    private static void requireAscending(List<Span> spans, long end) {
        long at = 0;
        for (Span span : spans) {
            if (span.from() < at || span.to() > end) {
                throw new IllegalArgumentException(spans + " are no ascending parts of " + end);
            }
            at = span.to();
        }
    }
}
