package io.longstrand.bench;

import io.longstrand.bench.peer.Dl4jDriver;
import io.longstrand.config.RunFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Runs a {@link Dl4jDriver}, a process of its own with executors of its own, so that contenders share nothing. */
final class Dl4jProcess {
    private final Path directory;
    private final JavaCommand java = JavaCommand.ofAnySize();

    /** @param directory for what Spark leaves behind */
    Dl4jProcess(Path directory) {
        this.directory = directory;
    }

    /** What it measured, by key. @throws RunFailure when it ends before that, with its last words */
    Map<String, String> measure(List<String> arguments) throws IOException, InterruptedException {
        Files.createDirectories(directory.resolve("spark-home/jars"));
        List<String> command = java.with(List.of(
                        "-Xmx1g",
                        "-Dspark.executor.extraClassPath=" + JavaCommand.classPath(),
                        "-Dspark.executor.extraJavaOptions=" + String.join(" ", java.options()),
                        // DL4J would ask time servers on the internet.
                        "-Dorg.deeplearning4j.spark.time.TimeSource="
                                + "org.deeplearning4j.spark.time.SystemClockTimeSource"))
                .running(Dl4jDriver.class.getName(), arguments);
        Path errors = directory.resolve("driver.log");
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
        builder.environment().put("SPARK_HOME", directory.resolve("spark-home").toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.12");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("OMP_NUM_THREADS", "1");
        Process driver = builder.start();
        Map<String, String> figures = new HashMap<>();
        try (BufferedReader lines = driver.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    figures.put(line.substring(0, equals), line.substring(equals + 1));
                }
            }
            if (driver.waitFor() != 0) {
                throw new RunFailure("a driver of bench dl4j ended with " + driver.exitValue() + ": " + cause(errors));
            }
        } finally {
            driver.destroy();
        }
        return figures;
    }

    /** The exceptions it ended with, without where they were thrown. */
    private static String cause(Path errors) throws IOException {
        return Files.readAllLines(errors).stream()
                .filter(line -> line.startsWith("Exception in thread") || line.startsWith("Caused by"))
                .collect(Collectors.joining(" | "));
    }
}
