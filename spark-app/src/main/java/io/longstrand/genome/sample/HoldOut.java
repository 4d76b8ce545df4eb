package io.longstrand.genome.sample;

import io.longstrand.config.UserError;
import io.longstrand.genome.token.Region;
import io.longstrand.genome.token.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses which bases are held out. A random choice of pieces leaks homology into the figure, so the choices are: the end
 * of the input, whole records, or whole clusters of similar records.
 */
public final class HoldOut {
    private final long[] lengths;
    private final double share;

    /**
     * @param lengths bases of each record, in file order
     * @param share of all bases to hold out, above 0 and below 1
     */
    public HoldOut(long[] lengths, double share) {
        if (!(share > 0 && share < 1)) {
            throw new UserError("data.split: a held-out share of " + share + "; it must lie between 0 and 1");
        }
        this.lengths = lengths.clone();
        this.share = share;
    }

    /**
     * Holds out the last bases in file order. The border moves up by less than a token so that what is held out of its
     * record is whole in tokens.
     *
     * @param width bases a token, or 1 where they vary
     */
    public Split byRegion(int width) {
        long total = Arrays.stream(lengths).sum();
        long wanted = Math.round(total * share);
        List<Region> heldOut = new ArrayList<>();
        for (int record = lengths.length - 1; record >= 0 && wanted > 0; record--) {
            long taken = Math.min(wanted, lengths[record]);
            wanted -= taken;
            if (taken < lengths[record]) {
                taken -= taken % width;
            }
            if (taken > 0) {
                heldOut.add(0, new Region(record, lengths[record] - taken, lengths[record]));
            }
        }
        return split("region", heldOut);
    }

    /** Holds out whole records, drawn by seed, up to the share. */
    public Split byRecord(long seed) {
        int[] clusters = new int[lengths.length];
        Arrays.setAll(clusters, record -> record);
        return byCluster("record", clusters, seed);
    }

    /**
     * Holds out whole clusters, drawn by seed, up to the share.
     *
     * @param clusters the cluster of each record, see {@link RecordClusters}
     */
    public Split byCluster(int[] clusters, long seed) {
        return byCluster("cluster", clusters, seed);
    }

    private Split byCluster(String kind, int[] clusters, long seed) {
        Map<Integer, Long> bases = new HashMap<>();
        for (int record = 0; record < lengths.length; record++) {
            bases.merge(clusters[record], lengths[record], Long::sum);
        }
        if (bases.size() < 2) {
            throw new UserError("data.split = " + kind + ": all " + lengths.length + " records form one " + kind
                    + ", so none can be held out; use the region split, or give more " + kind + "s");
        }
        long wanted = Math.round(Arrays.stream(lengths).sum() * share);
        List<Integer> order = new ArrayList<>(bases.keySet());
        order.sort(Comparator.comparingLong((Integer cluster) -> StatelessRandom.bits(seed, cluster))
                .thenComparing(Comparator.naturalOrder()));
        Set<Integer> taken = new HashSet<>();
        long sum = 0;
        for (int cluster : order) {
            if (sum + bases.get(cluster) <= wanted) {
                taken.add(cluster);
                sum += bases.get(cluster);
            }
        }
        if (taken.isEmpty()) {
            taken.add(order.stream().min(Comparator.comparing(bases::get)).orElseThrow());
        }
        List<Region> heldOut = new ArrayList<>();
        for (int record = 0; record < lengths.length; record++) {
            if (taken.contains(clusters[record]) && lengths[record] > 0) {
                heldOut.add(new Region(record, 0, lengths[record]));
            }
        }
        return split(kind, heldOut);
    }

    private Split split(String kind, List<Region> heldOut) {
        if (heldOut.isEmpty()) {
            throw new UserError("data.split: a share of " + share + " of "
                    + Arrays.stream(lengths).sum()
                    + " bases holds out less than one token; give more data or a larger share");
        }
        return new Split(kind, heldOut);
    }
}
