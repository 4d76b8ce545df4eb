package io.longstrand.bench.fault;

import io.longstrand.bench.Benchmark;
import io.longstrand.bench.Row;
import io.longstrand.bench.Selection;
import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Whether every fault ends a training in one clear error in time, leaves nothing behind, and costs no more than the steps
 * since the last checkpoint: two ranks, each an executor process, on this machine.
 */
public final class FaultBenchmark implements Benchmark {
    private static final List<String> FAULTS = List.of("kills", "kill", "freeze", "cut", "intruders", "build");

    @Override
    public String name() {
        return "faults";
    }

    @Override
    public String description() {
        return "what becomes of a training of two ranks whose executors are killed, frozen, cut off, spoken to by"
                + " strangers or built differently";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("faults", "which of " + String.join(", ", FAULTS) + "; all of them without"),
                new Option("kills", "executors killed one after another in one training with retries; 20 without"),
                new Option("seed", "of the moments at which they are killed; 1 without"));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<String> faults = selection.words("faults", FAULTS);
        int kills = faults.contains("kills") ? selection.number("kills", 20) : 0;
        int seed = selection.number("seed", 1);
        try {
            Path directory = Files.createTempDirectory("longstrand-faults");
            try {
                return new Trial(new Workshop(directory), tell, kills, seed).rows(faults);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new RunFailure("bench faults: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunFailure("bench faults was interrupted", e);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
