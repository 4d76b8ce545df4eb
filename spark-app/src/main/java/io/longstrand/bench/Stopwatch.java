package io.longstrand.bench;

import java.util.function.DoubleSupplier;

/** Turns work into a rate for a {@link Contest}. */
final class Stopwatch {
    private Stopwatch() {}

    /** Does the work once each time it is asked. @return amount per second */
    static DoubleSupplier rate(double amount, Runnable work) {
        return sustained(amount, 0, work);
    }

    /**
     * Repeats the work for at least so long each time it is asked, so that the clock's own time does not show.
     *
     * @return amount per second, amount being that of one time
     */
    static DoubleSupplier sustained(double amount, long nanoseconds, Runnable work) {
        return () -> {
            long start = System.nanoTime();
            long elapsed;
            int times = 0;
            do {
                work.run();
                times++;
                elapsed = System.nanoTime() - start;
            } while (elapsed < nanoseconds);
            return amount * times / (elapsed * 1e-9);
        };
    }
}
