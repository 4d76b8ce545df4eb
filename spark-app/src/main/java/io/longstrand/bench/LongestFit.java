package io.longstrand.bench;

import java.util.function.IntPredicate;

/** Searches the longest sequence that fits, among multiples of a step; below one that fits all do. */
record LongestFit(int step) {
    /** The longest, or 0 when not even one step fits. @param fits whether sequences of a length do */
    int search(IntPredicate fits) {
        int fitting = 0;
        int tooMany = 1;
        while (fits.test(tooMany * step)) {
            fitting = tooMany;
            tooMany *= 2;
        }
        while (tooMany - fitting > 1) {
            int middle = fitting + (tooMany - fitting) / 2;
            if (fits.test(middle * step)) {
                fitting = middle;
            } else {
                tooMany = middle;
            }
        }
        return fitting * step;
    }
}
