package io.longstrand.spark.launch;

import java.time.Duration;

/**
 * A while in which nothing is done.
 *
 * @param length of it
 * @param meanwhile what is waited for, as an interrupted wait says it
 */
record Pause(Duration length, String meanwhile) {
    /** @throws IllegalStateException when interrupted */
    void take() {
        try {
            Thread.sleep(length.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + meanwhile, e);
        }
    }
}
