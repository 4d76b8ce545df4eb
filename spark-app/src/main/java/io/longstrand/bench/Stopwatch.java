package io.longstrand.bench;

import java.util.function.DoubleSupplier;

/** Turns work into a rate for a {@link Contest}. */
final class Stopwatch {
    private Stopwatch() {}

    /** Does the work once each time it is asked. @return amount per second */
    static DoubleSupplier rate(double amount, Runnable work) {
        return rate(amount, 1, work);
    }

    /** Does the work so many times each time it is asked. @return amount per second, amount being that of one time */
    static DoubleSupplier rate(double amount, int times, Runnable work) {
        return () -> {
            long start = System.nanoTime();
            for (int i = 0; i < times; i++) {
                work.run();
            }
            return amount * times / ((System.nanoTime() - start) * 1e-9);
        };
    }
}
