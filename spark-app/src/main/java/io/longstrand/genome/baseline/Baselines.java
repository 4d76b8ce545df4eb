package io.longstrand.genome.baseline;

import io.longstrand.genome.sample.TrainingRegions;
import io.longstrand.genome.token.BaseReader;
import io.longstrand.genome.token.Nucleotide;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Region;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Bits per base of models that only count: 2-bit packing, Markov models of order 2 to 12 fitted on both strands of the
 * training bases, and their mixture. Counts are frozen before the held-out bases are scored. Memory follows the held-out
 * part, not the genome.
 */
public final class Baselines {
    private static final int LOWEST = 2;
    private static final int HIGHEST = 12;
    private static final int PIECE = 1 << 20;

    private final PreparedData data;
    private final BaseReader reader;
    private final List<MarkovModel> models;

    public Baselines(PreparedData data) {
        this.data = data;
        this.reader = new BaseReader(data);
        this.models = IntStream.rangeClosed(LOWEST, HIGHEST)
                .mapToObj(MarkovModel::new)
                .toList();
    }

    /**
     * @param bitsPerBase by name: {@code 2-bit}, {@code order-2} … {@code order-12}, {@code mix}
     * @param bases scored: every known base of the regions
     */
    public record Result(Map<String, Double> bitsPerBase, long bases) {
        public Result {
            bitsPerBase = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(bitsPerBase));
        }
    }

    /** Takes the codes of a region piece by piece; those before {@code from} are context. */
    private interface Visitor {
        void visit(byte[] codes, int from);
    }

    /** @param heldOut the regions validation scores, see {@code ValidationWindows.scoredRegions()} */
    public Result score(List<Region> heldOut) {
        for (Region region : heldOut) {
            pieces(region, true, (codes, from) -> models.parallelStream().forEach(model -> model.need(codes, from)));
        }
        models.forEach(MarkovModel::allocate);
        for (Region region : TrainingRegions.of(data.manifest())) {
            // Context from outside the region would count held-out bases.
            pieces(region, false, (codes, from) -> models.parallelStream().forEach(model -> model.count(codes, from)));
        }
        Score score = new Score();
        for (Region region : heldOut) {
            pieces(region, true, score::add);
        }
        return score.result();
    }

    private void pieces(Region region, boolean contextBefore, Visitor visitor) {
        int width = Math.max(1, data.tokenizer().width());
        int context = HIGHEST * width; // whole tokens, so that all is read in one phase
        long step = (long) PIECE / width * width;
        long earliest = contextBefore ? region.start() % width : region.start();
        for (long start = region.start(); start < region.end(); start += step) {
            long from = Math.max(earliest, start - context);
            byte[] codes = reader.read(region.record(), from, Math.min(region.end(), start + step));
            visitor.visit(codes, (int) (start - from));
        }
    }

    /** Sums of −log2 p over the scored bases. */
    private final class Score {
        private final Mixture mixture = new Mixture(models.size());
        private final double[] bits = new double[models.size()];
        private double mixedBits;
        private long bases;

        void add(byte[] codes, int from) {
            double[] probabilities = new double[bits.length];
            int word = 0;
            int known = 0;
            for (int i = 0; i < codes.length; i++) {
                if (codes[i] == Nucleotide.UNKNOWN) {
                    known = 0;
                    continue;
                }
                word = word << 2 | codes[i];
                if (i >= from) {
                    for (int model = 0; model < bits.length; model++) {
                        probabilities[model] = models.get(model).probability(word, known);
                        bits[model] -= Math.log(probabilities[model]);
                    }
                    mixedBits -= Math.log(mixture.observe(probabilities));
                    bases++;
                }
                known++;
            }
        }

        Result result() {
            Map<String, Double> bitsPerBase = new LinkedHashMap<>();
            double scale = Math.log(2) * bases;
            bitsPerBase.put("2-bit", 2.0);
            for (int model = 0; model < bits.length; model++) {
                bitsPerBase.put("order-" + models.get(model).order(), bits[model] / scale);
            }
            bitsPerBase.put("mix", mixedBits / scale);
            return new Result(bitsPerBase, bases);
        }
    }
}
