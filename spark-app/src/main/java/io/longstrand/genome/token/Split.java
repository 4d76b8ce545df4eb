package io.longstrand.genome.token;

import java.util.List;

/**
 * Which bases are held out of training for validation. All others are trained on.
 *
 * @param kind {@code region}, {@code record} or {@code cluster}
 * @param heldOut the held-out regions, in record and base order, not touching each other
 */
public record Split(String kind, List<Region> heldOut) {
    public Split {
        heldOut = List.copyOf(heldOut);
        Region last = null;
        for (Region region : heldOut) {
            if (last != null
                    && (region.record() < last.record()
                            || region.record() == last.record() && region.start() < last.end())) {
                throw new IllegalArgumentException("held-out regions out of order: " + last + ", " + region);
            }
            last = region;
        }
    }

    /** @return bases held out */
    public long bases() {
        return heldOut.stream().mapToLong(Region::length).sum();
    }
}
