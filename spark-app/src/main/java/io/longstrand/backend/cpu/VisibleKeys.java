package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.Optional;

/** A tile's mask resolved: which columns each row sees. */
final class VisibleKeys {
    private record Ends(Rows first, Rows end, long tileStart) {}

    private final int keys;
    private final Optional<Ends> ends;

    private VisibleKeys(int keys, Optional<Ends> ends) {
        this.keys = keys;
        this.ends = ends;
    }

    static VisibleKeys of(TileMask mask, Tensor scores) {
        int keys = Math.toIntExact(scores.columns());
        if (mask instanceof TileMask.Ranges ranges) {
            Rows first = Rows.integers(ranges.firstKey(), scores.rows(), "firstKey");
            Rows end = Rows.integers(ranges.endKey(), scores.rows(), "endKey");
            return new VisibleKeys(keys, Optional.of(new Ends(first, end, ranges.tileStart())));
        }
        return new VisibleKeys(keys, Optional.empty());
    }

    /** First column the row sees, in 0 … keys. */
    int first(long row) {
        return ends.isEmpty() ? 0 : column(ends.get().first().getInt(row));
    }

    /** One past the last column the row sees, in first … keys. */
    int end(long row, int first) {
        return ends.isEmpty() ? keys : Math.max(first, column(ends.get().end().getInt(row)));
    }

    /** The tile's column of a key of the sequence, clamped to the tile. */
    private int column(long key) {
        return (int) Math.max(0, Math.min(keys, key - ends.get().tileStart()));
    }
}
