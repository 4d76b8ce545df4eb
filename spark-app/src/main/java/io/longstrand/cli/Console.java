package io.longstrand.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Where a command talks to.
 *
 * @param output what was asked for: JSON, sequences, help
 * @param messages everything said to a person
 * @param terminal whether a person watches the messages, so that a line may be redrawn in place
 */
record Console(PrintStream output, PrintStream messages, boolean terminal) {
    /** The streams of this process; {@code submit/longstrand} says whether a terminal is behind them. */
    static Console ofProcess() {
        return new Console(
                new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Boolean.getBoolean("longstrand.terminal"));
    }

    /** Tells a person something. */
    void say(String format, Object... arguments) {
        messages.println(arguments.length == 0 ? format : String.format(Locale.ROOT, format, arguments));
    }
}
