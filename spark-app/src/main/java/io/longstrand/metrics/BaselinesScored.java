package io.longstrand.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The count models were fitted on the training part and scored on the held-out part.
 *
 * @param time milliseconds since 1970
 * @param step steps done by then
 * @param bitsPerBase held-out bits per base by name of the model, in the order they are listed
 * @param bases held-out bases scored
 */
public record BaselinesScored(long time, long step, Map<String, Double> bitsPerBase, long bases) implements RunEvent {
    public BaselinesScored {
        bitsPerBase = Collections.unmodifiableMap(new LinkedHashMap<>(bitsPerBase));
    }
}
