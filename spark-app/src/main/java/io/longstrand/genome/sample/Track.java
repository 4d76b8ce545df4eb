package io.longstrand.genome.sample;

/**
 * The training data laid out as one ring of units (bases, or tokens where their widths vary) that windows are cut from.
 */
interface Track {
    /** @return units in the ring */
    long units();

    /** @return units a window takes, by its length in tokens */
    long unitsPerWindow(int length);

    /**
     * Fills a window.
     *
     * @param first the unit it begins at
     * @param reverse whether it reads the reverse strand
     * @param key random bits of this window
     */
    void fill(WindowBuilder window, int length, long first, boolean reverse, long key);
}
