package io.longstrand.bench.fault;

import io.longstrand.bench.Row;
import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * All faults, one after the other, against one training: faults that end it, each of which {@code --resume} goes on from, then
 * executors killed that its driver replaces, with strangers at every port. In the end it must have come the way of a training
 * that nothing disturbed.
 */
final class Trial {
    private static final String RUN = "disturbed";
    private static final int CHECKPOINT_EVERY = 10;
    private static final int STEPS_PER_KILL = 30;
    private static final int STEPS_PER_END = CHECKPOINT_EVERY + CHECKPOINT_EVERY / 2;
    private static final double SECONDS_TO_ERROR = 20;
    private static final Duration ENDING = Duration.ofSeconds(15);

    /** Does something to a training. @return when, by {@link System#nanoTime} */
    @FunctionalInterface
    private interface Fault {
        long strike(TrainingProcess training) throws IOException, InterruptedException;
    }

    /** A row to be, and what speaks against it. @param bar null where none is set */
    private record Finding(String setting, String figure, double seconds, Double bar, List<String> wrong) {
        Finding {
            wrong = new ArrayList<>(wrong);
        }

        void require(boolean holds, String otherwise) {
            if (!holds) {
                wrong.add(otherwise);
            }
        }

        Row row() {
            return new Row(setting, figure, seconds, "s", bar, wrong.isEmpty() && (bar == null || seconds <= bar));
        }
    }

    private final Workshop workshop;
    private final Consumer<String> tell;
    private final int kills;
    private final Random random;
    private final List<Finding> findings = new ArrayList<>();

    /** @param kills executors killed that the driver replaces @param seed of when and which */
    Trial(Workshop workshop, Consumer<String> tell, int kills, int seed) {
        this.workshop = workshop;
        this.tell = tell;
        this.kills = kills;
        random = new Random(seed);
    }

    /** @param faults names of those to try */
    List<Row> rows(List<String> faults) throws IOException, InterruptedException {
        List<String> ends = new ArrayList<>(List.of("kill", "freeze", "cut"));
        ends.retainAll(faults);
        if (ends.contains("cut") && !new Sockets().canCut()) {
            tell.accept("cut: left out, ss -K ends no connection here; it needs CAP_NET_ADMIN and a kernel for it");
            ends.remove("cut");
        }
        if (kills > 0 || !ends.isEmpty() || faults.contains("intruders")) {
            disturb(ends, faults.contains("intruders"));
        }
        if (faults.contains("build")) {
            differentBuild();
        }
        for (Finding finding : findings) {
            finding.wrong().forEach(text -> tell.accept(finding.setting() + ": " + text));
        }
        return findings.stream().map(Finding::row).toList();
    }

    private void disturb(List<String> ends, boolean intruders) throws IOException, InterruptedException {
        int steps = (kills + 1) * STEPS_PER_KILL + (ends.size() + 1) * STEPS_PER_END;
        List<Double> curve = undisturbed(steps);
        Replay replay = new Replay();
        List<String> replayed = intruders ? replay.run() : List.of();
        long reached = 0;
        long checkpoint = 0;
        for (int ended = 0; ended <= ends.size(); ended++) {
            boolean last = ended == ends.size();
            String retries = "train.retries=" + (last ? kills : 0);
            // Ranks listen before they begin, so that strangers must be there from the start.
            try (TrainingProcess training =
                            ended == 0 ? workshop.train(RUN, settings(steps, retries)) : workshop.resume(RUN, retries);
                    Intruder intruder = last && intruders ? new Intruder(training, replay.handshake()) : null) {
                training.awaitTimes(1, Trial::begins);
                if (ended > 0) {
                    requireResumed(training, reached, checkpoint);
                }
                if (last) {
                    kills(training);
                    goOnTo(training, curve, intruder, replayed);
                } else {
                    end(training, ends.get(ended));
                    reached = training.steps();
                    checkpoint = training.lastCheckpoint();
                }
            }
        }
    }

    private List<Double> undisturbed(int steps) throws IOException, InterruptedException {
        tell.accept("undisturbed, for the curve to compare with");
        try (TrainingProcess training = workshop.trainInOneProcess("undisturbed", settings(steps))) {
            int exitCode = training.awaitEnd();
            if (exitCode != 0) {
                throw new RunFailure("an undisturbed training ended with " + exitCode + ": " + training.messages());
            }
            return training.losses();
        }
    }

    /** Kills that the driver itself goes on from. */
    private void kills(TrainingProcess training) throws IOException {
        for (int kill = 1; kill <= kills; kill++) {
            training.awaitTimes(kill, Trial::begins);
            long step = training.steps() + 1 + random.nextInt(STEPS_PER_KILL);
            training.awaitStep(step);
            long struck = kill(training, random.nextInt(2));
            long told = training.awaitTimes(kill, text -> text.contains(": failed: rank "));
            found("fault=kill retries=" + kills + " n=" + kill, (told - struck) * 1e-9, SECONDS_TO_ERROR);
            tell.accept("kill " + kill + " of " + kills + " after step " + step);
        }
        training.awaitTimes(kills + 1, Trial::begins);
    }

    private static long kill(TrainingProcess training, int executor) throws IOException {
        return TrainingProcess.signal(training.executors().get(executor), "KILL");
    }

    private static boolean begins(String text) {
        return text.startsWith("training ") || text.startsWith("resuming at step ");
    }

    private Fault fault(String name) {
        return switch (name) {
            case "kill" -> training -> kill(training, 1);
            case "freeze" ->
                training -> TrainingProcess.signal(training.executors().get(1), "STOP");
            case "cut" -> Trial::cut;
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** The connections of both ranks, all of them, while the ranks talk. */
    private static long cut(TrainingProcess training) throws IOException, InterruptedException {
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

    /** A fault that ends the training. */
    private void end(TrainingProcess training, String name) throws IOException, InterruptedException {
        tell.accept(name);
        training.awaitStep(training.steps() + STEPS_PER_END);
        Set<Integer> ports = new HashSet<>(new Sockets().listening(training.process()));
        training.executors().forEach(executor -> ports.addAll(new Sockets().listening(executor)));
        long struck = fault(name).strike(training);
        int exitCode = training.awaitEnd();
        Finding finding = found("fault=" + name, told(training, struck), SECONDS_TO_ERROR);
        finding.require(exitCode == 4, "exit code " + exitCode);
        requireOneError(finding, training);
        finding.require(ports.stream().noneMatch(Trial::isOpen), "ports left open");
    }

    /** It must go on at the last checkpoint, no further behind what it had reached than checkpoints are apart. */
    private void requireResumed(TrainingProcess training, long reached, long checkpoint) {
        Finding finding = findings.get(findings.size() - 1);
        long lost = reached - checkpoint;
        finding.require(checkpoint > 0 && lost <= CHECKPOINT_EVERY, lost + " steps lost with checkpoint " + checkpoint);
        finding.require(
                training.messages().stream().anyMatch(text -> text.startsWith("resuming at step " + checkpoint + ":")),
                "not resumed at step " + checkpoint + ": " + training.messages());
        tell.accept("  resumed at step " + checkpoint);
    }

    /** Lets it come to its end, with strangers at every port if there are any. */
    private void goOnTo(TrainingProcess training, List<Double> curve, Intruder intruder, List<String> replayed)
            throws IOException, InterruptedException {
        int exitCode = training.awaitEnd();
        if (intruder != null) {
            intruder.close();
            tell.accept("intruders");
            for (Intruder.Way way : Intruder.Way.values()) {
                Finding finding = found("fault=" + way.name().toLowerCase(Locale.ROOT), intruder.seconds(), null);
                finding.require(intruder.reached(way) > 0, "no port was reached");
                tell.accept("  " + finding.setting() + " at " + intruder.reached(way) + " ports");
                if (way == Intruder.Way.REPLAYED) {
                    finding.wrong().addAll(replayed);
                    finding.require(intruder.ranks() > 0, "no rank was reached");
                    tell.accept("  of ranks: " + intruder.ranks());
                }
            }
        }
        boolean same = curve.equals(training.losses());
        boolean nothingLeft = training.leavesNothing(ENDING);
        for (Finding finding : findings) {
            finding.require(exitCode == 0, "in the end exit code " + exitCode + ": " + training.messages());
            finding.require(same, "another curve than undisturbed");
            finding.require(nothingLeft, "processes left behind");
        }
    }

    private void differentBuild() throws IOException, InterruptedException {
        tell.accept("build");
        long began = System.nanoTime();
        try (TrainingProcess training = workshop.trainWithOtherExecutors("build", settings(CHECKPOINT_EVERY))) {
            int exitCode = training.awaitEnd();
            Finding finding = found("fault=build", told(training, began), SECONDS_TO_ERROR);
            finding.require(exitCode == 2, "exit code " + exitCode);
            requireOneError(finding, training);
            String last = training.messages().get(training.messages().size() - 1);
            finding.require(last.contains("another build of Longstrand"), last);
        }
    }

    private Finding found(String setting, double seconds, Double bar) {
        Finding finding =
                new Finding(setting, bar == null ? "secondsOfTraining" : "secondsToError", seconds, bar, List.of());
        findings.add(finding);
        return finding;
    }

    /** Seconds until the driver said what had happened. */
    private static double told(TrainingProcess training, long struck) {
        return training.whenSince(struck, text -> text.contains("failed: ") || text.startsWith("longstrand: ")).stream()
                .mapToDouble(nanos -> (nanos - struck) * 1e-9)
                .findFirst()
                .orElse(Double.POSITIVE_INFINITY);
    }

    /** In one line of its own, with nothing left behind; what Spark says while it ends is Spark's. */
    private void requireOneError(Finding finding, TrainingProcess training) {
        List<String> errors = training.messages().stream()
                .filter(text -> text.startsWith("longstrand: "))
                .toList();
        finding.require(errors.size() == 1, errors.size() + " errors: " + training.messages());
        finding.require(
                training.messages().stream().noneMatch(text -> text.startsWith("\tat io.longstrand.")),
                "a stack trace: " + training.messages());
        finding.require(training.leavesNothing(ENDING), "processes left behind");
        errors.forEach(error -> tell.accept("  " + error));
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
        List<String> settings = new ArrayList<>(List.of(
                "train.steps=" + steps,
                "train.schedule.steps=" + steps,
                "checkpoint.every=" + CHECKPOINT_EVERY,
                "metrics.progress-every=1 hour"));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }
}
