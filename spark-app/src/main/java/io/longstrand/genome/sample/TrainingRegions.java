package io.longstrand.genome.sample;

import io.longstrand.genome.token.Manifest;
import io.longstrand.genome.token.Region;
import java.util.ArrayList;
import java.util.List;

/** The bases that are trained on: all that the split does not hold out. */
public final class TrainingRegions {
    private TrainingRegions() {}

    /** @return the regions in record and base order */
    public static List<Region> of(Manifest manifest) {
        List<Region> training = new ArrayList<>();
        List<Region> heldOut = manifest.split().heldOut();
        int next = 0;
        for (int record = 0; record < manifest.records().size(); record++) {
            long at = 0;
            while (next < heldOut.size() && heldOut.get(next).record() == record) {
                Region region = heldOut.get(next++);
                if (region.start() > at) {
                    training.add(new Region(record, at, region.start()));
                }
                at = region.end();
            }
            long bases = manifest.records().get(record).bases();
            if (bases > at) {
                training.add(new Region(record, at, bases));
            }
        }
        return training;
    }
}
