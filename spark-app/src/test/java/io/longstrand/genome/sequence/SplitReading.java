package io.longstrand.genome.sequence;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads a file the way the Spark job does, split after split, and puts the fragments together again. */
final class SplitReading implements FragmentHandler {
    private final List<RecordDescription> records;
    private final List<StringBuilder> letters = new ArrayList<>();
    private final StringBuilder following = new StringBuilder();
    private final long alignment;
    private final List<String> mistakes = new ArrayList<>();
    private int record = -1;

    private SplitReading(FileStore store, String path, long splitBytes, int longestHeader, long alignment, int overlap)
            throws IOException {
        this.alignment = alignment;
        SequenceSource source = new SourceInspector(store).inspect(path);
        List<SequenceSplit> splits = new SplitPlanner(store, splitBytes, longestHeader).plan(source);
        List<SplitSummary> summaries = new ArrayList<>();
        for (SequenceSplit split : splits) {
            summaries.add(new SplitCensus(store, longestHeader).count(split));
        }
        RecordTable table = new RecordTable(splits, summaries);
        records = table.records();
        records.forEach(description -> letters.add(new StringBuilder()));
        FragmentReader reader = new FragmentReader(store, alignment, overlap);
        for (int i = 0; i < splits.size(); i++) {
            reader.read(splits.get(i), table.starts().get(i), this);
        }
    }

    static SplitReading read(
            FileStore store, String path, long splitBytes, int longestHeader, long alignment, int overlap)
            throws IOException {
        return new SplitReading(store, path, splitBytes, longestHeader, alignment, overlap);
    }

    static SplitReading whole(FileStore store, String path) throws IOException {
        return read(store, path, Long.MAX_VALUE / 2, FastaScanner.LONGEST_HEADER, 1, 0);
    }

    List<RecordDescription> records() {
        return records;
    }

    /** What did not fit: fragments that overlap, leave gaps or are misaligned, wrong following letters. */
    List<String> mistakes() {
        return mistakes;
    }

    String letters(int index) {
        return letters.get(index).toString();
    }

    @Override
    public void beginFragment(int index, long start) {
        record = index;
        if (start % alignment != 0 || start != letters.get(index).length()) {
            mistakes.add("fragment of record " + index + " at " + start);
        }
        // What an earlier fragment saw beyond its end must be what this one begins with.
        checkFollowing();
    }

    @Override
    public void bases(byte[] bytes, int from, int to) {
        letters.get(record).append(new String(bytes, from, to - from, StandardCharsets.US_ASCII));
    }

    @Override
    public void following(byte[] bytes, int from, int to) {
        following.append(new String(bytes, from, to - from, StandardCharsets.US_ASCII));
    }

    @Override
    public void endFragment() {
        if (following.length() > 0) {
            pending = letters.get(record).length();
            pendingRecord = record;
        }
    }

    private int pending;
    private int pendingRecord = -1;

    private void checkFollowing() {
        if (pendingRecord >= 0) {
            expected.add(new Expected(pendingRecord, pending, following.toString()));
            following.setLength(0);
            pendingRecord = -1;
        }
    }

    private record Expected(int record, int start, String letters) {}

    private final List<Expected> expected = new ArrayList<>();

    /** Whether the letters given behind fragments were those of the next ones. */
    boolean followingLettersAreRight(int overlap) {
        checkFollowing();
        for (Expected each : expected) {
            String all = letters(each.record);
            int end = Math.min(all.length(), each.start + overlap);
            if (!all.substring(each.start, end).equals(each.letters)) {
                return false;
            }
        }
        return following.length() == 0;
    }
}
