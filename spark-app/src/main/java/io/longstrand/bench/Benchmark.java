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
     * Something that can be selected behind the name as {@code key=value,…}.
     *
     * @param key its name
     * @param meaning what it selects, and what holds without it
     */
    record Option(String key, String meaning) {}

    /** What can be selected. */
    default List<Option> options() {
        return List.of();
    }

    /**
     * Measures.
     *
     * @param selection of what to measure
     * @param tell hears how far it is, one line at a time
     * @return the figures, in the order they are listed
     */
    List<Row> run(Selection selection, Consumer<String> tell);
}
