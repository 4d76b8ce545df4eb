package io.longstrand.metrics;

import java.io.Serializable;

/**
 * What attention masks took.
 *
 * @param deviceBytes device memory of masks, of the rank that uses most
 * @param hostBytes host memory of masks, of the rank that uses most
 * @param tiles bit-packed tiles made in host memory
 * @param movedBytes bytes copied to the device
 * @param seconds making masks: tiles added up over all threads that made some, what all threads of a rank share by the
 *     clock
 * @param waitedSeconds how long attention stood still for a mask or copied it itself, added up over all threads
 */
public record MaskUse(
        long deviceBytes, long hostBytes, long tiles, long movedBytes, double seconds, double waitedSeconds)
        implements Serializable {
    /** Of nothing. */
    public static final MaskUse NONE = new MaskUse(0, 0, 0, 0, 0, 0);

    /** This and another together: memory the larger, work the sum. */
    public MaskUse plus(MaskUse other) {
        return new MaskUse(
                Math.max(deviceBytes, other.deviceBytes),
                Math.max(hostBytes, other.hostBytes),
                tiles + other.tiles,
                movedBytes + other.movedBytes,
                seconds + other.seconds,
                waitedSeconds + other.waitedSeconds);
    }
}
