package io.longstrand.genome.sequence;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The first pass over a split: counts its records, bases and lines and checks every byte, without knowing what came
 * before it.
 */
public final class SplitCensus {
    private static final int BUFFER_BYTES = 1 << 16;

    private final FileStore store;
    private final int longestHeader;

    public SplitCensus(FileStore store) {
        this(store, FastaScanner.LONGEST_HEADER);
    }

    SplitCensus(FileStore store, int longestHeader) {
        this.store = store;
        this.longestHeader = longestHeader;
    }

    /** Never fails on malformed input: the summary says what was wrong, so that the first problem of a file is told. */
    public SplitSummary count(SequenceSplit split) throws IOException {
        Counts counts = new Counts();
        SequenceScanner scanner = split.source().format() == SequenceFormat.GENBANK
                ? new GenBankScanner(counts)
                : new FastaScanner(counts, !split.first(), split.inLine(), longestHeader);
        MalformedInput problem = null;
        try (SplitInput input = new SplitInput(store, split)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = input.read(buffer); read > 0; read = input.read(buffer)) {
                scanner.feed(buffer, 0, read);
            }
            if (scanner instanceof FastaScanner fasta && !split.end().equals(SplitPosition.END)) {
                fasta.finishSplit();
            } else {
                scanner.finish();
            }
        } catch (MalformedInput e) {
            problem = e;
        }
        return new SplitSummary(
                scanner.lines(),
                counts.leading,
                counts.headers,
                Arrays.copyOf(counts.bases, counts.headers.size()),
                problem);
    }

    private static final class Counts implements SequenceHandler {
        private final List<RecordHeader> headers = new ArrayList<>();
        private long[] bases = new long[4];
        private long leading;

        @Override
        public void beginRecord(RecordHeader header) {
            if (headers.size() == bases.length) {
                bases = Arrays.copyOf(bases, bases.length * 2);
            }
            headers.add(header);
        }

        @Override
        public void bases(byte[] letters, int from, int to) {
            if (headers.isEmpty()) {
                leading += to - from;
            } else {
                bases[headers.size() - 1] += to - from;
            }
        }
    }
}
