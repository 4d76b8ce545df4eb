package io.longstrand.cli;

import picocli.CommandLine.Option;

/** How a command answers. */
final class OutputOptions {
    @Option(
            names = "--json",
            description = "Print one JSON document on standard output and nothing else there; messages still go to "
                    + "standard error.")
    private boolean json;

    boolean json() {
        return json;
    }
}
