package io.longstrand.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * A command run inside this JVM.
 *
 * @param exitCode what the process would end with
 * @param output what it wrote to standard output
 * @param messages what it wrote to standard error
 */
record CommandRun(int exitCode, String output, String messages) {
    static CommandRun of(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        Console console = new Console(
                new PrintStream(output, true, StandardCharsets.UTF_8),
                new PrintStream(messages, true, StandardCharsets.UTF_8),
                false);
        int exitCode = Main.run(console, arguments);
        return new CommandRun(
                exitCode, output.toString(StandardCharsets.UTF_8), messages.toString(StandardCharsets.UTF_8));
    }
}
