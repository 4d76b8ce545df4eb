package io.longstrand.attention;

import java.util.concurrent.atomic.LongAdder;

/** Adds up {@link MaskWork}, from several threads at once. */
final class MaskMeter {
    private final LongAdder tiles = new LongAdder();
    private final LongAdder movedBytes = new LongAdder();
    private final LongAdder nanoseconds = new LongAdder();
    private final LongAdder waitedNanoseconds = new LongAdder();

    /** Runs what makes a mask: by the clock of this thread, however many take part. */
    void making(Runnable work) {
        long start = System.nanoTime();
        work.run();
        nanoseconds.add(System.nanoTime() - start);
    }

    /** Runs what makes a bit-packed tile. */
    void tile(Runnable work) {
        making(work);
        tiles.increment();
    }

    /** Runs what waits for a tile. */
    void waiting(Runnable work) {
        long start = System.nanoTime();
        work.run();
        waitedNanoseconds.add(System.nanoTime() - start);
    }

    void moved(long bytes) {
        movedBytes.add(bytes);
    }

    MaskWork work() {
        return new MaskWork(tiles.sum(), movedBytes.sum(), nanoseconds.sum() * 1e-9, waitedNanoseconds.sum() * 1e-9);
    }
}
