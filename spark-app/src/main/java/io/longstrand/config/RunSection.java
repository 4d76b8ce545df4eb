package io.longstrand.config;

import java.util.OptionalInt;

/**
 * The run as a whole.
 *
 * @param directory where everything the run leaves behind goes: an absolute local path or a URI
 * @param threads compute threads of each rank; empty: as many as its Spark task has CPUs
 */
public record RunSection(
        @Key(
                doc = "Where the run writes everything it leaves behind: a path on any Hadoop file system. A "
                        + "relative path starts at the working directory.",
                value = "runs/default",
                check = Check.NOT_BLANK)
        String directory,

        @Key(
                doc = "Compute threads of each rank. auto: as many as its Spark task has CPUs.",
                value = "auto",
                check = Check.THREADS)
        OptionalInt threads) {}
