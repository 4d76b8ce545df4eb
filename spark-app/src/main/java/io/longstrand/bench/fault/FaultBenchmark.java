package io.longstrand.bench.fault;

import io.longstrand.bench.Benchmark;
import io.longstrand.bench.Row;
import io.longstrand.bench.Selection;
import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Whether every fault ends a training in one clear error in time, leaves nothing behind, and costs no more than the steps
 * since the last checkpoint: two ranks, each an executor process, on this machine.
 */
public final class FaultBenchmark implements Benchmark {
    private static final int CHECKPOINT_EVERY = 20;
    private static final int STEPS = 140;
    private static final int STEPS_PER_KILL = 60;
    private static final double SECONDS_TO_ERROR = 20;
    private static final Duration ENDING = Duration.ofSeconds(15);
    private static final List<String> FAULTS = List.of("kills", "kill", "freeze", "cut", "intruders", "build");

    /** Does something to a training. @return when, by {@link System#nanoTime} */
    @FunctionalInterface
    private interface Fault {
        long strike(TrainingProcess training) throws IOException, InterruptedException;
    }

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
        int kills = selection.number("kills", 20);
        int seed = selection.number("seed", 1);
        try {
            Path directory = Files.createTempDirectory("longstrand-faults");
            try {
                return new Trial(new Workshop(directory), tell).rows(faults, kills, seed);
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

    /** All faults against trainings of one workshop. */
    private static final class Trial {
        private final Workshop workshop;
        private final Consumer<String> tell;
        private final List<Row> rows = new ArrayList<>();

        Trial(Workshop workshop, Consumer<String> tell) {
            this.workshop = workshop;
            this.tell = tell;
        }

        List<Row> rows(List<String> faults, int kills, int seed) throws IOException, InterruptedException {
            int steps = faults.contains("kills") ? Math.max(STEPS, (kills + 1) * STEPS_PER_KILL) : STEPS;
            tell.accept("undisturbed, for the curve to compare with");
            List<Double> curve = undisturbed(steps);
            if (faults.contains("kills")) {
                kills(kills, seed, steps, curve);
            }
            Map<String, Fault> ending = new LinkedHashMap<>();
            if (faults.contains("kill")) {
                ending.put(
                        "kill",
                        training -> TrainingProcess.signal(training.executors().get(1), "KILL"));
            }
            if (faults.contains("freeze")) {
                ending.put(
                        "freeze",
                        training -> TrainingProcess.signal(training.executors().get(1), "STOP"));
            }
            if (faults.contains("cut") && new Sockets().canCut()) {
                ending.put("cut", this::cut);
            } else if (faults.contains("cut")) {
                tell.accept("cut: left out, ss -K ends no connection here; it needs CAP_NET_ADMIN and a kernel for it");
            }
            ends(ending, curve);
            if (faults.contains("intruders")) {
                intruders(curve);
            }
            if (faults.contains("build")) {
                differentBuild();
            }
            return rows;
        }

        private List<Double> undisturbed(int steps) throws IOException, InterruptedException {
            try (TrainingProcess training = workshop.train("undisturbed", settings(steps))) {
                int exitCode = training.awaitEnd();
                if (exitCode != 0) {
                    throw new RunFailure("an undisturbed training ended with " + exitCode + ": " + training.messages());
                }
                return training.losses();
            }
        }

        /** One training that is started again by its driver after every kill. */
        private void kills(int kills, int seed, int steps, List<Double> curve)
                throws IOException, InterruptedException {
            Random random = new Random(seed);
            try (TrainingProcess training = workshop.train("kills", settings(steps, "train.retries=" + kills))) {
                List<Double> seconds = new ArrayList<>();
                for (int kill = 1; kill <= kills; kill++) {
                    training.awaitTimes(kill, Trial::begins);
                    long step = training.steps() + 1 + random.nextInt(STEPS_PER_KILL);
                    training.awaitStep(step);
                    List<ProcessHandle> executors = training.executors();
                    long struck = TrainingProcess.signal(executors.get(random.nextInt(executors.size())), "KILL");
                    long told = training.awaitTimes(kill, text -> text.contains(": failed: rank "));
                    seconds.add((told - struck) * 1e-9);
                    tell.accept("kill " + kill + " of " + kills + " after step " + step);
                }
                int exitCode = training.awaitEnd();
                List<String> wrong = new ArrayList<>();
                require(wrong, exitCode == 0, "exit code " + exitCode + ": " + training.messages());
                require(wrong, same(curve, training.losses(), steps), "another curve than undisturbed");
                require(wrong, training.leavesNothing(ENDING), "processes left behind");
                for (int kill = 0; kill < seconds.size(); kill++) {
                    row("fault=kill retries=" + kills + " n=" + (kill + 1), seconds.get(kill), wrong);
                }
            }
        }

        private static boolean begins(String text) {
            return text.startsWith("training ") || text.startsWith("resuming at step ");
        }

        /** Faults that end a training, each of which then is gone on with. */
        private void ends(Map<String, Fault> faults, List<Double> curve) throws IOException, InterruptedException {
            if (faults.isEmpty()) {
                return;
            }
            Map<String, Double> seconds = new LinkedHashMap<>();
            Map<String, List<String>> wrong = new LinkedHashMap<>();
            long step = 0;
            TrainingProcess training = workshop.train("ended", settings(curve.size()));
            for (Map.Entry<String, Fault> fault : faults.entrySet()) {
                String name = fault.getKey();
                tell.accept(name);
                wrong.put(name, new ArrayList<>());
                step += CHECKPOINT_EVERY + CHECKPOINT_EVERY / 2;
                seconds.put(name, end(training, step, fault.getValue(), wrong.get(name)));
                training = workshop.resume("ended");
            }
            try (TrainingProcess resumed = training) {
                int exitCode = resumed.awaitEnd();
                for (List<String> each : wrong.values()) {
                    require(each, exitCode == 0, "resumed with exit code " + exitCode + ": " + resumed.messages());
                    require(each, same(curve, resumed.losses(), curve.size()), "another curve than undisturbed");
                }
            }
            seconds.forEach((name, value) -> row("fault=" + name, value, wrong.get(name)));
        }

        /** @return seconds until the driver said what had happened */
        private double end(TrainingProcess training, long step, Fault fault, List<String> wrong)
                throws IOException, InterruptedException {
            try (training) {
                training.awaitTimes(1, Trial::begins);
                training.awaitStep(step);
                List<ProcessHandle> executors = training.executors();
                Set<Integer> ports = new HashSet<>(new Sockets().listening(training.process()));
                executors.forEach(executor -> ports.addAll(new Sockets().listening(executor)));
                long struck = fault.strike(training);
                int exitCode = training.awaitEnd();
                require(wrong, exitCode == 4, "exit code " + exitCode);
                require(wrong, training.leavesNothing(ENDING), "processes left behind");
                require(wrong, ports.stream().noneMatch(Trial::isOpen), "ports left open");
                tell.accept("  " + lastLine(training));
                return told(training, struck, wrong);
            }
        }

        /** The connections of both ranks, all of them, while the ranks talk. */
        private long cut(TrainingProcess training) throws IOException, InterruptedException {
            List<ProcessHandle> executors = training.executors();
            Set<Sockets.Socket> connections = new Sockets().between(executors.get(0), executors.get(1));
            if (connections.isEmpty()) {
                throw new RunFailure("bench faults found no connection between the ranks");
            }
            long struck = System.nanoTime();
            for (Sockets.Socket connection : connections) {
                new Sockets().cut(connection);
            }
            return struck;
        }

        /** Strangers at every port disturb nothing. */
        private void intruders(List<Double> curve) throws IOException, InterruptedException {
            tell.accept("intruders");
            List<String> wrong = new ArrayList<>();
            Map<Intruder.Way, Integer> reached;
            long began = System.nanoTime();
            try (TrainingProcess training = workshop.train("intruders", settings(curve.size()));
                    Intruder intruder = new Intruder(training)) {
                int exitCode = training.awaitEnd();
                require(wrong, exitCode == 0, "exit code " + exitCode + ": " + training.messages());
                require(wrong, same(curve, training.losses(), curve.size()), "another curve than undisturbed");
                require(wrong, training.leavesNothing(ENDING), "processes left behind");
                reached = intruder.reached();
            }
            tell.accept("  ports spoken to: " + reached);
            double seconds = (System.nanoTime() - began) * 1e-9;
            for (Intruder.Way way : Intruder.Way.values()) {
                List<String> all = new ArrayList<>(wrong);
                require(all, reached.getOrDefault(way, 0) > 0, "no port was reached");
                String setting = "fault=" + way.name().toLowerCase(Locale.ROOT);
                all.forEach(text -> tell.accept("  " + setting + ": " + text));
                rows.add(new Row(setting, "secondsOfTraining", seconds, "s", null, all.isEmpty()));
            }
        }

        private void differentBuild() throws IOException, InterruptedException {
            tell.accept("build");
            List<String> wrong = new ArrayList<>();
            long began = System.nanoTime();
            try (TrainingProcess training = workshop.trainWithOtherExecutors("build", settings(STEPS))) {
                int exitCode = training.awaitEnd();
                double seconds = told(training, began, wrong);
                require(wrong, exitCode == 2, "exit code " + exitCode);
                require(wrong, training.leavesNothing(ENDING), "processes left behind");
                require(wrong, lastLine(training).contains("another build of Longstrand"), lastLine(training));
                tell.accept("  " + lastLine(training));
                row("fault=build", seconds, wrong);
            }
        }

        /** Seconds until the driver said what happened, in one line of its own; what Spark says while it ends is Spark's. */
        private static double told(TrainingProcess training, long struck, List<String> wrong) {
            List<String> errors = training.messages().stream()
                    .filter(text -> text.startsWith("longstrand: "))
                    .toList();
            require(wrong, errors.size() == 1, errors.size() + " errors: " + training.messages());
            require(
                    wrong,
                    training.messages().stream().noneMatch(text -> text.startsWith("\tat io.longstrand.")),
                    "a stack trace: " + training.messages());
            return training.when(text -> text.contains("failed: ") || text.startsWith("longstrand: ")).stream()
                    .mapToDouble(nanos -> (nanos - struck) * 1e-9)
                    .findFirst()
                    .orElse(Double.POSITIVE_INFINITY);
        }

        private void row(String setting, double seconds, List<String> wrong) {
            wrong.forEach(text -> tell.accept("  " + setting + ": " + text));
            rows.add(new Row(
                    setting,
                    "secondsToError",
                    seconds,
                    "s",
                    SECONDS_TO_ERROR,
                    seconds <= SECONDS_TO_ERROR && wrong.isEmpty()));
        }

        private static void require(List<String> wrong, boolean holds, String otherwise) {
            if (!holds) {
                wrong.add(otherwise);
            }
        }

        private static boolean same(List<Double> curve, List<Double> other, int steps) {
            return other.size() == steps && other.equals(curve.subList(0, steps));
        }

        private static String lastLine(TrainingProcess training) {
            List<String> messages = training.messages();
            return messages.isEmpty() ? "" : messages.get(messages.size() - 1);
        }

        private static boolean isOpen(int port) {
            try {
                new Socket("127.0.0.1", port).close();
                return true;
            } catch (IOException refused) {
                return false;
            }
        }

        private static String[] settings(int steps, String... more) {
            return Stream.concat(
                            Stream.of(
                                    "train.steps=" + steps,
                                    "train.schedule.steps=" + steps,
                                    "checkpoint.every=" + CHECKPOINT_EVERY,
                                    "metrics.progress-every=1 hour"),
                            Stream.of(more))
                    .toArray(String[]::new);
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
