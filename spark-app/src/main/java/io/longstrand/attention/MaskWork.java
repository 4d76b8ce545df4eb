package io.longstrand.attention;

/**
 * What the masks of a batch took, since they were made.
 *
 * @param tiles bit-packed tiles made in host memory
 * @param movedBytes bytes copied to the device
 * @param seconds making masks: tiles added up over all threads that made some, surveys of patterns, which all lanes
 *     share, by the clock
 * @param waitedSeconds how long lanes stood still for a tile or copied it themselves, added up over all lanes
 */
public record MaskWork(long tiles, long movedBytes, double seconds, double waitedSeconds) {
    /** Of masks that took nothing. */
    public static final MaskWork NONE = new MaskWork(0, 0, 0, 0);

    /** What was done since {@code before}. */
    public MaskWork minus(MaskWork before) {
        return new MaskWork(
                tiles - before.tiles,
                movedBytes - before.movedBytes,
                seconds - before.seconds,
                waitedSeconds - before.waitedSeconds);
    }
}
