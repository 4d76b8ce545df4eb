package io.longstrand.spark.prepare;

import java.io.PrintStream;
import java.util.Locale;

/** Tells a person how far a preparation is: at most one line a second, none for what takes less. */
public final class PrepareProgress {
    private static final long INTERVAL_NANOS = 1_000_000_000L;

    private final PrintStream output;
    private long lastLine = System.nanoTime();

    /** @param output usually standard error */
    public PrepareProgress(PrintStream output) {
        this.output = output;
    }

    void say(String format, Object... values) {
        output.println("prepare: " + String.format(Locale.ROOT, format, values));
        lastLine = System.nanoTime();
    }

    void done(String phase, int finished, int tasks) {
        if (System.nanoTime() - lastLine >= INTERVAL_NANOS) {
            say("%s, %d of %d parts", phase, finished, tasks);
        }
    }
}
