package io.longstrand.genome.sample;

import io.longstrand.genome.token.BaseReader;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How much of the held-out part a model could have learned by heart: the share of its bases covered by words of 24 bases
 * that also occur in training, on either strand. Words of that length meet by chance in less than one base in a million
 * even in a genome of a billion bases, and survive in relatives that differ in a few bases of a hundred. Of a very large
 * held-out part, evenly spaced blocks are checked.
 */
public final class LeakCheck {
    /** Bases a word. */
    public static final int WORD = 24;

    private static final long MOST_BASES = 1L << 26;
    private static final int BLOCK = 1 << 16;

    private final PreparedData data;
    private final double warnAbove;

    /** @param warnAbove the share above which a warning is due; repeats of a clean bacterial split stay below 0.05 */
    public LeakCheck(PreparedData data, double warnAbove) {
        this.data = data;
        this.warnAbove = warnAbove;
    }

    /**
     * @param checked held-out bases looked at
     * @param seen those of them covered by words that occur in training
     * @param warning one line for the user when the share is above the threshold
     */
    public record Result(long checked, long seen, Optional<String> warning) {
        /** @return seen of checked, 0 to 1 */
        public double share() {
            return checked == 0 ? 0 : (double) seen / checked;
        }
    }

    /** Compares the held-out part with the training part. */
    public Result check() {
        List<Region> blocks = blocks();
        CanonicalWords words = new CanonicalWords(new BaseReader(data), WORD);
        long checked = blocks.stream().mapToLong(Region::length).sum();
        long[] heldOut = new long[Math.toIntExact(checked)];
        int[] count = {0};
        for (Region block : blocks) {
            words.visit(block, (base, word) -> heldOut[count[0]++] = word);
        }
        long[] distinct =
                Arrays.stream(heldOut, 0, count[0]).sorted().distinct().toArray();
        boolean[] inTraining = new boolean[distinct.length];
        WordFilter filter = new WordFilter(distinct);
        for (Region region : TrainingRegions.of(data.manifest())) {
            words.visit(region, (base, word) -> {
                if (filter.mayContain(word)) {
                    int found = Arrays.binarySearch(distinct, word);
                    if (found >= 0) {
                        inTraining[found] = true;
                    }
                }
            });
        }
        long seen = 0;
        for (Region block : blocks) {
            long[] covered = {0, 0}; // bases so far, one past the last covered base
            words.visit(block, (base, word) -> {
                if (inTraining[Arrays.binarySearch(distinct, word)]) {
                    covered[0] += base + WORD - Math.max(base, covered[1]);
                    covered[1] = base + WORD;
                }
            });
            seen += covered[0];
        }
        return new Result(checked, seen, warning(checked, seen));
    }

    private Optional<String> warning(long checked, long seen) {
        if (checked == 0 || seen <= warnAbove * checked) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%.1f%% of the held-out bases lie in stretches of %d bases that also occur in training (either strand): "
                        + "held-out bits/base will look better than on new genomes; hold out other records or clusters",
                100.0 * seen / checked,
                WORD));
    }

    private List<Region> blocks() {
        List<Region> heldOut = data.manifest().split().heldOut();
        long bases = data.manifest().split().bases();
        if (bases <= MOST_BASES) {
            return heldOut;
        }
        long every = (bases + MOST_BASES - 1) / MOST_BASES * BLOCK;
        return heldOut.stream()
                .flatMap(region -> java.util.stream.LongStream.iterate(
                                region.start(), start -> start < region.end(), start -> start + every)
                        .mapToObj(start -> new Region(region.record(), start, Math.min(region.end(), start + BLOCK))))
                .toList();
    }

    /** A bit per hash of a word: most training words are told apart without a search. */
    private static final class WordFilter {
        private final long[] bits;

        WordFilter(long[] words) {
            bits = new long[Math.max(1, Integer.highestOneBit(Math.max(1, words.length)))];
            for (long word : words) {
                int hash = hash(word);
                bits[hash >>> 6] |= 1L << hash;
            }
        }

        boolean mayContain(long word) {
            int hash = hash(word);
            return (bits[hash >>> 6] & 1L << hash) != 0;
        }

        private int hash(long word) {
            return (int) (StatelessRandom.bits(word) & Math.min(Integer.MAX_VALUE, bits.length * 64L - 1));
        }
    }
}
