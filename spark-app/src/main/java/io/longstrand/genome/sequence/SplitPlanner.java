package io.longstrand.genome.sequence;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts sequence files into splits of about equal size. A cut is moved to the next line that begins within the longest
 * header a file may have; where none does, it lies inside a long sequence line and stays. Plain gzip and GenBank files
 * are one split each.
 */
public final class SplitPlanner {
    /** Bytes of a split where nothing else is asked for. */
    public static final long DEFAULT_SPLIT_BYTES = 32L << 20;

    private final FileStore store;
    private final long splitBytes;
    private final int longestHeader;

    /** @param splitBytes bytes on disk of a split, at least 1 */
    public SplitPlanner(FileStore store, long splitBytes) {
        this(store, splitBytes, FastaScanner.LONGEST_HEADER);
    }

    SplitPlanner(FileStore store, long splitBytes, int longestHeader) {
        this.store = store;
        this.splitBytes = splitBytes;
        this.longestHeader = longestHeader;
    }

    /** The splits of a file, in order, covering every byte once. */
    public List<SequenceSplit> plan(SequenceSource source) throws IOException {
        List<SequenceSplit> splits = new ArrayList<>();
        SequenceSplit open = new SequenceSplit(source, SplitPosition.START, SplitPosition.END, false);
        if (source.format() == SequenceFormat.FASTA && source.compression() != Compression.GZIP) {
            for (long at = splitBytes; at < source.bytes(); at += splitBytes) {
                if (at <= open.start().block()) {
                    continue;
                }
                SequenceSplit next = cut(source, at);
                if (next == null) {
                    break;
                }
                if (isAfter(next.start(), open.start())) {
                    splits.add(new SequenceSplit(source, open.start(), next.start(), open.inLine()));
                    open = next;
                }
            }
        }
        splits.add(open);
        return splits;
    }

    private static boolean isAfter(SplitPosition later, SplitPosition earlier) {
        return later.block() > earlier.block() || later.block() == earlier.block() && later.offset() > earlier.offset();
    }

    /** The split that begins near byte {@code at} and runs to the end of the file; null when none can. */
    private SequenceSplit cut(SequenceSource source, long at) throws IOException {
        long block = at;
        if (source.compression() == Compression.BGZF) {
            block = new BgzfBlocks(store).blockAfter(source.path(), at);
            if (block < 0) {
                return null;
            }
        }
        SequenceSplit inLine = new SequenceSplit(source, new SplitPosition(block, 0), SplitPosition.END, true);
        try (SplitInput input = new SplitInput(store, inLine)) {
            byte[] bytes = new byte[Math.min(longestHeader, 1 << 13)];
            int seen = 0;
            boolean afterReturn = false;
            SequenceSplit within = inLine;
            for (int read = input.read(bytes); read > 0; read = input.read(bytes)) {
                if (seen == 0 && bytes[0] == '>') {
                    // Whether this begins a header that never ends, only the split with the byte before it can tell.
                    within = new SequenceSplit(source, input.position(1, read), SplitPosition.END, true);
                }
                for (int i = 0; i < read; i++) {
                    if (bytes[i] == '\n' || afterReturn) {
                        SplitPosition line = input.position(bytes[i] == '\n' ? i + 1 : i, read);
                        return new SequenceSplit(source, line, SplitPosition.END, false);
                    }
                    afterReturn = bytes[i] == '\r';
                    seen++;
                    if (seen > longestHeader && !afterReturn) {
                        return within;
                    }
                }
            }
            // The last line of the file: short, so the split before may as well read it.
            return null;
        } catch (MalformedInput e) {
            // Damaged data: the task that reads up to here reports it with its line.
            return null;
        }
    }
}
