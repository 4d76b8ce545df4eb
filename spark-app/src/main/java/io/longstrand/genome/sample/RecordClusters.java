package io.longstrand.genome.sample;

import io.longstrand.genome.token.BaseReader;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Groups records that share words of 24 bases, on either strand, so that relatives and copies stay on one side of a
 * split. A word is kept when its hash is below a bound that is the same for all records (FracMinHash: Irber et al., 2022),
 * so a plasmid and a genome that contains it keep the same words. Two records belong together when the smaller one shares
 * at least the threshold of its words with the other, and so does whoever is linked through others.
 */
public final class RecordClusters {
    private static final int MOST_WORDS = 1 << 24;
    // Words of a transposon may be in every record: beyond this many holders only neighbours are compared.
    private static final int MOST_HOLDERS = 32;

    private final PreparedData data;
    private final double threshold;

    /** @param threshold share of the smaller record's words, above 0 and at most 1, e.g. 0.05 */
    public RecordClusters(PreparedData data, double threshold) {
        this.data = data;
        this.threshold = threshold;
    }

    /** @return the cluster of each record: the index of the first record in it */
    public int[] find() {
        int records = data.manifest().records().size();
        int recordBits = 32 - Integer.numberOfLeadingZeros(records);
        int[] sizes = new int[records];
        long[] words = words(recordBits, sizes);
        Map<Long, Integer> shared = new HashMap<>();
        int recordMask = (1 << recordBits) - 1;
        int start = 0;
        while (start < words.length) {
            int end = start + 1;
            while (end < words.length && words[end] >>> recordBits == words[start] >>> recordBits) {
                end++;
            }
            int reach = end - start > MOST_HOLDERS ? 1 : end - start;
            for (int i = start; i < end; i++) {
                for (int j = i + 1; j < end && j - i <= reach; j++) {
                    shared.merge((words[i] & recordMask) << 32 | words[j] & recordMask, 1, Integer::sum);
                }
            }
            start = end;
        }
        int[] parents = new int[records];
        Arrays.setAll(parents, record -> record);
        shared.forEach((pair, count) -> {
            int first = (int) (pair >>> 32);
            int second = pair.intValue();
            if (count >= threshold * Math.min(sizes[first], sizes[second])) {
                int a = root(parents, first);
                int b = root(parents, second);
                parents[Math.max(a, b)] = Math.min(a, b);
            }
        });
        int[] clusters = new int[records];
        Arrays.setAll(clusters, record -> root(parents, record));
        return clusters;
    }

    /**
     * The distinct kept words of all records, each with its record in the low bits, sorted.
     *
     * @param sizes receives how many each record has
     */
    private long[] words(int recordBits, int[] sizes) {
        CanonicalWords canonical = new CanonicalWords(new BaseReader(data), LeakCheck.WORD);
        // Keeps about MOST_WORDS of all words: every one of a few bacteria.
        double kept =
                Math.min(1, (double) MOST_WORDS / Math.max(1, data.manifest().bases()));
        long bound = (long) (kept * Long.MAX_VALUE);
        long[][] words = {new long[1 << 16]};
        int[] count = {0};
        for (int record = 0; record < sizes.length; record++) {
            int index = record;
            long bases = data.manifest().records().get(record).bases();
            if (bases == 0) {
                continue;
            }
            canonical.visit(new Region(record, 0, bases), (base, word) -> {
                if (StatelessRandom.bits(word) >>> 1 <= bound) {
                    if (count[0] == words[0].length) {
                        words[0] = Arrays.copyOf(words[0], words[0].length * 2);
                    }
                    words[0][count[0]++] = StatelessRandom.bits(word, 1) << recordBits | index;
                }
            });
        }
        long[] distinct =
                Arrays.stream(words[0], 0, count[0]).sorted().distinct().toArray();
        for (long word : distinct) {
            sizes[(int) (word & (1L << recordBits) - 1)]++;
        }
        return distinct;
    }

    private static int root(int[] parents, int record) {
        int at = record;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }
}
