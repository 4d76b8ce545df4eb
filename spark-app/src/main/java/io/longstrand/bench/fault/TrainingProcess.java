package io.longstrand.bench.fault;

import io.longstrand.metrics.EventLog;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.storage.FileStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A training: its driver, the executors below it, what it says and what it writes. */
final class TrainingProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long LOOK_MILLIS = 20;

    /** A line on standard error. @param nanos when it was read */
    private record Line(long nanos, String text) {}

    private final Process driver;
    private final Path run;
    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final List<ProcessHandle> executors = new CopyOnWriteArrayList<>();
    private final Thread reader;

    TrainingProcess(ProcessBuilder command, Path run) throws IOException {
        this.run = run;
        driver = command.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        reader = new Thread(this::read, "longstrand-bench-messages");
        reader.setDaemon(true);
        reader.start();
    }

    private void read() {
        try (BufferedReader messages = driver.errorReader(StandardCharsets.UTF_8)) {
            for (String text = messages.readLine(); text != null; text = messages.readLine()) {
                lines.add(new Line(System.nanoTime(), text));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the ranks have done so many steps of the run. */
    void awaitStep(long step) {
        await("step " + step, () -> steps() >= step);
    }

    /**
     * Waits until so many lines satisfy a condition.
     *
     * @return when the last of them was read, by {@link System#nanoTime}
     */
    long awaitTimes(int times, Predicate<String> condition) {
        await("its next line of " + times, () -> matching(condition).count() >= times);
        return matching(condition).skip(times - 1L).findFirst().orElseThrow().nanos();
    }

    private Stream<Line> matching(Predicate<String> condition) {
        return lines.stream().filter(line -> condition.test(line.text()));
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (!driver.isAlive() || System.nanoTime() > deadline) {
                throw new IllegalStateException("the training did not come to " + what + ": " + messages());
            }
            pause();
        }
    }

    static void pause() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Steps recorded so far. */
    long steps() {
        Path events = run.resolve("events.jsonl");
        if (!Files.exists(events)) {
            return 0;
        }
        try (Stream<String> all = Files.lines(events)) {
            return all.filter(line -> line.contains("\"step-completed\"")).count();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }

    /** The step of the newest checkpoint; 0 when there is none. */
    long lastCheckpoint() {
        String[] names = run.resolve("checkpoints").toFile().list();
        return Stream.ofNullable(names)
                .flatMap(Stream::of)
                .filter(name -> name.startsWith("step-"))
                .mapToLong(name -> Long.parseLong(name.substring("step-".length())))
                .max()
                .orElse(0);
    }

    /** The losses of all steps, in order. */
    List<Double> losses() throws IOException {
        return new EventLog(FileStore.local(), run.toString())
                .read().stream()
                        .filter(StepCompleted.class::isInstance)
                        .map(event -> ((StepCompleted) event).loss())
                        .toList();
    }

    /** The executors that live now. */
    List<ProcessHandle> executors() {
        List<ProcessHandle> living =
                driver.descendants().filter(TrainingProcess::isExecutor).toList();
        living.stream().filter(process -> !executors.contains(process)).forEach(executors::add);
        return living;
    }

    /** Java itself gives no command line as long as theirs. */
    private static boolean isExecutor(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", "" + process.pid(), "cmdline"))
                    .contains("CoarseGrainedExecutorBackend");
        } catch (IOException ended) {
            return false;
        }
    }

    /** The driver. */
    ProcessHandle process() {
        return driver.toHandle();
    }

    /** Sends a process a signal. @return when, by {@link System#nanoTime} */
    static long signal(ProcessHandle process, String signal) throws IOException {
        long now = System.nanoTime();
        new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
        return now;
    }

    /** Waits for the end. @return the exit code */
    int awaitEnd() throws InterruptedException {
        if (!driver.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the training does not end: " + messages());
        }
        reader.join();
        return driver.exitValue();
    }

    /** When, from a moment on, a line was first read that satisfies a condition, by {@link System#nanoTime}. */
    OptionalLong whenSince(long nanos, Predicate<String> condition) {
        return matching(condition)
                .mapToLong(Line::nanos)
                .filter(read -> read >= nanos)
                .findFirst();
    }

    /** What it said, line by line. */
    List<String> messages() {
        return lines.stream().map(Line::text).toList();
    }

    /** Whether everything it started ends within a time. */
    boolean leavesNothing(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        List<ProcessHandle> all = new ArrayList<>(executors);
        all.add(driver.toHandle());
        while (all.stream().anyMatch(ProcessHandle::isAlive)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            pause();
        }
        return true;
    }

    @Override
    public void close() {
        driver.descendants().forEach(ProcessHandle::destroyForcibly);
        executors.forEach(ProcessHandle::destroyForcibly);
        driver.destroyForcibly();
    }
}
