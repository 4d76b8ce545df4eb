package io.longstrand.bench.fault;

import io.longstrand.bench.JavaCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/** Starts small trainings of two ranks, each an executor process, from the class path of this process. */
final class Workshop {
    private static final String DRIVER = "io.longstrand.cli.Main";
    private static final int BASES = 6_000;
    private static final List<String> QUICK_TO_START = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final String EXECUTORS = "local-cluster[2,1,1024]";
    private static final String THREADS = "local[2]";

    private final Path directory;
    private final JavaCommand java = JavaCommand.ofAnySize().with(QUICK_TO_START);

    /** @param directory for everything the trainings leave behind */
    Workshop(Path directory) throws IOException {
        this.directory = directory;
        // Where Spark's own start of an executor looks for jars; all of them are on the class path instead.
        Files.createDirectories(directory.resolve("spark-home/jars"));
        StringBuilder text = new StringBuilder(">chromosome\n");
        new Random(3).ints(BASES, 0, 4).forEach(base -> text.append("ACGT".charAt(base)));
        // Nothing but what the trainings are told.
        Files.writeString(empty(), "");
        Files.writeString(genome(), text.append('\n'), StandardCharsets.US_ASCII);
    }

    /** Where a run leaves what it leaves behind. */
    Path run(String name) {
        return directory.resolve(name);
    }

    /** Starts a training. @param settings of it, beside those all have */
    TrainingProcess train(String name, String... settings) throws IOException {
        return train(name, EXECUTORS, JavaCommand.classPath(), settings);
    }

    /** Starts a training whose ranks are threads of the driver, which changes no bit and is sooner there. */
    TrainingProcess trainInOneProcess(String name, String... settings) throws IOException {
        return train(name, THREADS, JavaCommand.classPath(), settings);
    }

    /** Starts a training whose executors run a build of the application that differs in a byte from the driver's. */
    TrainingProcess trainWithOtherExecutors(String name, String... settings) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String entry : JavaCommand.classPath().split(":")) {
            entries.add(
                    holdsTheApplication(Path.of(entry))
                            ? changed(Path.of(entry)).toString()
                            : entry);
        }
        return train(name, EXECUTORS, String.join(":", entries), settings);
    }

    /** Goes on with a training. */
    TrainingProcess resume(String name, String... settings) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("train", "--resume", "--conf", empty().toString(), named(name)));
        arguments.addAll(List.of(settings));
        return start(name, EXECUTORS, JavaCommand.classPath(), arguments);
    }

    private TrainingProcess train(String name, String master, String executorsClassPath, String... settings)
            throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "train",
                "--conf",
                empty().toString(),
                "data.inputs=[\"" + genome() + "\"]",
                named(name),
                "data.tokenizer=3-mer",
                "data.sequence-length=32",
                "model.layers=2",
                "model.hidden=32",
                "model.heads=2",
                "train.micro-batch=4",
                "train.validation.every=0",
                "parallel.data=2"));
        arguments.addAll(List.of(settings));
        return start(name, master, executorsClassPath, arguments);
    }

    private TrainingProcess start(String name, String master, String executorsClassPath, List<String> arguments)
            throws IOException {
        List<String> command = java.with(List.of(
                        "-Xmx512m",
                        "-Dspark.master=" + master,
                        "-Dspark.executor.memory=512m",
                        "-Dspark.authenticate=true",
                        "-Dspark.network.crypto.enabled=true",
                        "-Dspark.executor.extraClassPath=" + executorsClassPath,
                        "-Dspark.executor.extraJavaOptions=" + String.join(" ", java.options()),
                        "-Dspark.scheduler.maxRegisteredResourcesWaitingTime=60s"))
                .running(DRIVER, arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().put("SPARK_HOME", directory.resolve("spark-home").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.12");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("_SPARK_AUTH_SECRET", UUID.randomUUID().toString());
        return new TrainingProcess(builder, run(name));
    }

    private Path empty() {
        return directory.resolve("empty.conf");
    }

    private Path genome() {
        return directory.resolve("genome.fa");
    }

    private String named(String run) {
        return "run.directory=\"" + run(run) + "\"";
    }

    private static boolean holdsTheApplication(Path entry) throws IOException {
        String main = DRIVER.replace('.', '/') + ".class";
        if (Files.isDirectory(entry)) {
            return Files.exists(entry.resolve(main));
        }
        if (!Files.isRegularFile(entry)) {
            return false;
        }
        try (FileSystem jar = FileSystems.newFileSystem(entry)) {
            return Files.exists(jar.getPath(main));
        }
    }

    /** A copy of the application's classes with a file more. */
    private Path changed(Path application) throws IOException {
        Path copy = directory.resolve("other-" + application.getFileName());
        if (Files.isDirectory(application)) {
            try (Stream<Path> files = Files.walk(application)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(application.relativize(file).toString()));
                }
            }
            return copy;
        }
        Files.copy(application, copy);
        try (FileSystem jar = FileSystems.newFileSystem(copy)) {
            Files.writeString(jar.getPath("other-build"), "");
        }
        return copy;
    }
}
