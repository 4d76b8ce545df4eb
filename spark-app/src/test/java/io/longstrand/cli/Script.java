package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The scripts of {@code submit/}, run as a user runs them from a directory of theirs. */
final class Script {
    private static final Path SUBMIT = Path.of("..", "submit").toAbsolutePath().normalize();
    private static final long PATIENCE_SECONDS = 180;

    private final Path directory;
    private final Map<String, String> environment;

    /** @param directory it is started in @param environment beside this process's own */
    Script(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = environment;
    }

    /** Runs one to its end. @param name of the script @param arguments of it */
    CommandRun run(String name, String... arguments) throws IOException, InterruptedException {
        File output = File.createTempFile("output", null, directory.toFile());
        File messages = File.createTempFile("messages", null, directory.toFile());
        List<String> command = new ArrayList<>(List.of(SUBMIT.resolve(name).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(output)
                .redirectError(messages);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as(Files.readString(messages.toPath()))
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new CommandRun(
                process.exitValue(), Files.readString(output.toPath()), Files.readString(messages.toPath()));
    }
}
