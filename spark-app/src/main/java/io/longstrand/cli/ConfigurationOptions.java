package io.longstrand.cli;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How a command is configured: a file and settings on the command line. */
final class ConfigurationOptions {
    private static final Path DEFAULT = Path.of("conf", "local.conf");

    @Option(
            names = "--conf",
            paramLabel = "file.conf",
            description = "Configuration file (HOCON). Default: conf/local.conf, which trains on the bundled"
                    + " Helicobacter pylori genome.")
    private Path file;

    @Parameters(
            paramLabel = "key=value",
            arity = "0..*",
            description = "Settings that go before those of the file, such as train.steps=500 or"
                    + " data.inputs=[genome.fa.gz].")
    private List<String> settings = new ArrayList<>();

    /** The configuration of a run that begins. */
    RunConfiguration load() {
        return load(List.of());
    }

    /** The same with more settings, which win. */
    RunConfiguration load(List<String> more) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(more);
        return new ConfigurationLoader(directory()).load(Optional.of(path()), all);
    }

    /**
     * The configuration of a run that is there, as its own {@code config.conf} has it.
     *
     * @throws UserError when the run directory holds no run, or a setting is given that the run keeps
     */
    RunConfiguration stored(FileStore store) throws IOException {
        RunDirectory run = new RunDirectory(load().run().directory());
        if (!store.exists(run.configuration())) {
            throw new UserError(run.path() + ": holds no run (no config.conf); name the directory of one with"
                    + " run.directory=…");
        }
        List<String> all = new ArrayList<>(settings);
        all.add("run.directory=\"" + run.path() + "\"");
        try (InputStream input = store.open(run.configuration())) {
            String text = new String(input.readAllBytes(), StandardCharsets.UTF_8);
            return new ConfigurationLoader(directory()).resumed(text, run.configuration(), all);
        }
    }

    /** Where the command was given: a driver on a cluster starts elsewhere. */
    private static Path directory() {
        return Path.of(System.getProperty("longstrand.directory", ""));
    }

    /** The named file, looked for in the working directory, then where Longstrand is installed. */
    private Path path() {
        Path named = file == null ? DEFAULT : file;
        String home = System.getProperty("longstrand.home");
        if (file != null && Files.exists(directory().resolve(named)) || home == null) {
            return named;
        }
        Path installed = Path.of(home).resolve(named);
        return Files.exists(installed) ? installed : named;
    }
}
