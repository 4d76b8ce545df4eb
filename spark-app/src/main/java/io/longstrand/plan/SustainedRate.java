package io.longstrand.plan;

/**
 * A rate kept up for a while: work is repeated back to back for {@value #WINDOW} nanoseconds, and the better of two such
 * stretches counts, because everything that disturbs a measurement slows it. The first time, which compiles and fills
 * caches, is not counted.
 */
public final class SustainedRate {
    private static final long WINDOW = 50_000_000;
    private static final int STRETCHES = 2;

    /** Amount per second. @param amount of one time */
    public double of(double amount, Runnable work) {
        work.run();
        double best = 0;
        for (int stretch = 0; stretch < STRETCHES; stretch++) {
            long start = System.nanoTime();
            long elapsed;
            int times = 0;
            do {
                work.run();
                times++;
                elapsed = System.nanoTime() - start;
            } while (elapsed < WINDOW);
            best = Math.max(best, amount * times / (elapsed * 1e-9));
        }
        return best;
    }
}
