package io.longstrand.gpu;

import java.util.List;

/**
 * What NVIDIA's driver says.
 *
 * @param version its release, {@code 535.161.08}
 * @param gpus all of this machine
 */
public record NvidiaDriver(String version, List<Gpu> gpus) {
    public NvidiaDriver {
        gpus = List.copyOf(gpus);
    }

    /**
     * A GPU.
     *
     * @param index the driver's number
     * @param name model
     * @param uuid the same in every process
     * @param computeCapability {@code 8.0}; empty where the driver is too old to say
     * @param totalBytes of its memory
     * @param freeBytes that nobody uses
     */
    public record Gpu(int index, String name, String uuid, String computeCapability, long totalBytes, long freeBytes) {
        /** Generation of its instructions; 0 where it is not known. */
        int major() {
            int point = computeCapability.indexOf('.');
            return point < 0 ? 0 : Integer.parseInt(computeCapability.substring(0, point));
        }

        /** For messages. */
        public String text() {
            return "GPU " + index + " (" + name + ")";
        }
    }

    /** Whole part of the release; 0 where it is not a number. */
    int major() {
        String digits = version.split("\\.", 2)[0];
        return digits.matches("\\d{1,6}") ? Integer.parseInt(digits) : 0;
    }
}
