package io.longstrand.bench;

import java.util.List;
import java.util.function.Consumer;

/** One benchmark; the command {@code bench <name>} runs it. */
public interface Benchmark {
    /** What it is called on the command line. */
    String name();

    /** One sentence for {@code bench --help}: what is measured. */
    String description();

    /**
     * Measures.
     *
     * @param tell hears how far it is, one line at a time
     * @return the figures, in the order they are listed
     */
    List<Row> run(Consumer<String> tell);
}
