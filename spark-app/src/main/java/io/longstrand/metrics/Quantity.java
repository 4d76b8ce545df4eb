package io.longstrand.metrics;

import java.util.Locale;

/** Numbers as a person reads them: three significant digits and a unit. */
public final class Quantity {
    private static final String[] DECIMAL = {"", "k", "M", "G", "T", "P", "E"};
    private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    /** {@code 12.3k}, {@code 1.65M}. */
    public String count(long number) {
        return scaled(number, 1000, DECIMAL, "");
    }

    /** {@code 512 MiB}. */
    public String bytes(long number) {
        return scaled(number, 1024, BINARY, " ");
    }

    /** {@code 12.3 GFLOP/s}. */
    public String flops(double flopsPerSecond) {
        return scaled(flopsPerSecond, 1000, DECIMAL, " ") + "FLOP/s";
    }

    /** {@code 2h 05m}, {@code 2m 05s}, {@code 12s}. */
    public String duration(double seconds) {
        long whole = Math.round(seconds);
        if (whole >= 3600) {
            return String.format(Locale.ROOT, "%dh %02dm", whole / 3600, whole % 3600 / 60);
        }
        return whole >= 60 ? String.format(Locale.ROOT, "%dm %02ds", whole / 60, whole % 60) : whole + "s";
    }

    private static String scaled(double number, int base, String[] units, String space) {
        double value = number;
        int unit = 0;
        // What would round up to the base belongs to the next unit; below it a count is exact.
        while (Math.abs(value) >= (unit == 0 ? base : base - 0.5) && unit < units.length - 1) {
            value /= base;
            unit++;
        }
        int digits = 0;
        if (unit > 0 || value != Math.rint(value)) {
            digits = Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
        }
        return String.format(Locale.ROOT, "%." + digits + "f%s%s", value, space, units[unit]);
    }
}
