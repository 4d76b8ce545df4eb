package io.longstrand.genome.sequence;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;

/**
 * The second pass over a split: gives the bases that its task owns as fragments of records. Fragments begin at multiples
 * of an alignment, whatever the split; the task whose split holds the base before a multiple reads on up to it, into the
 * next split.
 */
public final class FragmentReader {
    /** The alignment at which fragments are whole records. */
    public static final long WHOLE_RECORDS = Long.MAX_VALUE;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final int PIECE_BYTES = 1 << 12;

    private final FileStore store;
    private final long alignment;
    private final int overlap;

    /**
     * @param alignment bases; a record's fragments begin at its multiples
     * @param overlap how many bases behind a fragment's end are given as its following letters
     */
    public FragmentReader(FileStore store, long alignment, int overlap) {
        this.store = store;
        this.alignment = alignment;
        this.overlap = overlap;
    }

    /**
     * @param split what to read
     * @param start where it begins among the records
     * @throws UserError when the file is no longer what the first pass saw
     */
    public void read(SequenceSplit split, SplitStart start, FragmentHandler handler) throws IOException {
        Fragments fragments = new Fragments(start, handler);
        SequenceScanner scanner = split.source().format() == SequenceFormat.GENBANK
                ? new GenBankScanner(fragments)
                : new FastaScanner(fragments, !split.first(), split.inLine(), FastaScanner.LONGEST_HEADER);
        try (SplitInput input = new SplitInput(store, split)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = input.read(buffer); read > 0; read = input.read(buffer)) {
                scanner.feed(buffer, 0, read);
            }
            input.passEnd();
            fragments.passEnd();
            for (int read = fragments.done ? -1 : input.read(buffer); read > 0; read = input.read(buffer)) {
                for (int from = 0; from < read && !fragments.done; from += PIECE_BYTES) {
                    scanner.feed(buffer, from, Math.min(read, from + PIECE_BYTES));
                }
                if (fragments.done) {
                    break;
                }
            }
            if (!fragments.done) {
                scanner.finish();
            }
            fragments.end();
        } catch (MalformedInput e) {
            throw new UserError(split.source().path() + ": changed while it was read; run prepare again", e);
        }
    }

    private final class Fragments implements SequenceHandler {
        private final FragmentHandler handler;
        private int record;
        private int nextRecord;
        /** The base of the record that comes next. */
        private long position;
        /** The base from which on this task owns the record. */
        private long ownFrom;
        /** The base up to which this task owns the record. */
        private long ownTo = Long.MAX_VALUE;

        private boolean open;
        private boolean pastEnd;
        private boolean done;

        Fragments(SplitStart start, FragmentHandler handler) {
            this.handler = handler;
            this.record = start.record();
            this.nextRecord = start.nextRecord();
            this.position = start.base();
            this.ownFrom = nextMultiple(position);
        }

        @Override
        public void beginRecord(RecordHeader header) throws IOException {
            end();
            if (pastEnd) {
                done = true;
                return;
            }
            record = nextRecord++;
            position = 0;
            ownFrom = 0;
        }

        @Override
        public void bases(byte[] letters, int from, int to) throws IOException {
            if (done) {
                return;
            }
            long base = position;
            position += to - from;
            int owned = at(ownFrom, base, from, to);
            int ownedEnd = at(ownTo, base, from, to);
            if (owned < ownedEnd) {
                if (!open) {
                    handler.beginFragment(record, base + owned - from);
                    open = true;
                }
                handler.bases(letters, owned, ownedEnd);
            }
            if (pastEnd && ownedEnd < to) {
                int overlapEnd = at(ownTo + overlap, base, from, to);
                if (open && ownedEnd < overlapEnd) {
                    handler.following(letters, ownedEnd, overlapEnd);
                }
            }
            done = pastEnd && (!open || position >= ownTo + overlap);
        }

        /** The index in {@code letters[from, to)}, which begins at {@code base}, of base {@code wanted}. */
        private int at(long wanted, long base, int from, int to) {
            return wanted <= base ? from : wanted - base >= to - from ? to : from + (int) (wanted - base);
        }

        void passEnd() {
            pastEnd = true;
            if (!open) {
                done = true;
                return;
            }
            ownTo = nextMultiple(position);
            done = alignment != WHOLE_RECORDS && position >= ownTo + overlap;
        }

        void end() throws IOException {
            if (open) {
                handler.endFragment();
                open = false;
            }
        }

        private long nextMultiple(long base) {
            if (base == 0) {
                return 0;
            }
            if (alignment == WHOLE_RECORDS) {
                return Long.MAX_VALUE - overlap;
            }
            return (base + alignment - 1) / alignment * alignment;
        }
    }
}
