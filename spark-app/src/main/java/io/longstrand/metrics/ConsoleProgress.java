package io.longstrand.metrics;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/**
 * Shows a run to the person who waits for it: on a terminal one line that renews itself, elsewhere a plain line now
 * and then. Other events get a line of their own.
 */
public final class ConsoleProgress implements EventSink {
    private static final long TERMINAL_NANOS = 200_000_000L;
    private static final String ERASE_TO_END = "\u001b[K";

    private final PrintStream stream;
    private final boolean terminal;
    private final long everyNanos;
    private final Quantity quantity = new Quantity();
    private final Progress progress = new Progress();
    private long shown;
    private boolean any;
    private boolean lineOpen;

    /**
     * @param stream standard error
     * @param terminal whether {@code stream} is a terminal
     * @param plainEvery time between two lines where it is none
     */
    public ConsoleProgress(PrintStream stream, boolean terminal, Duration plainEvery) {
        this.stream = stream;
        this.terminal = terminal;
        this.everyNanos = terminal ? TERMINAL_NANOS : plainEvery.toNanos();
    }

    @Override
    public void accept(RunEvent event) {
        progress.accept(event);
        if (event instanceof StepCompleted step) {
            boolean last = step.step() == progress.steps();
            if (!any || last || System.nanoTime() - shown >= everyNanos) {
                showStep(step);
            }
        } else if (event instanceof RunStarted started) {
            line((started.step() == 0 ? "training " : "resuming at step " + started.step() + ": ")
                    + quantity.count(started.parameters()) + " parameters, " + started.steps() + " steps, "
                    + started.world() + (started.world() == 1 ? " rank, " : " ranks, ")
                    + started.machine().threads()
                    + (started.machine().threads() == 1 ? " thread" : " threads")
                    + ", backend " + started.machine().backend()
                    + (started.machine().peakFlops() > 0
                            ? ", measured peak "
                                    + quantity.flops(started.machine().peakFlops())
                            : "")
                    + ", planned memory " + quantity.bytes(started.devicePlanned()) + " device + "
                    + quantity.bytes(started.hostPlanned()) + " host");
        } else if (event instanceof RunCautioned caution) {
            line(caution.message());
        } else if (event instanceof ValidationCompleted validation) {
            line(String.format(
                    Locale.ROOT,
                    "step %d: validation %.3f bits/base over %s%s bases",
                    validation.step(),
                    validation.bitsPerBase(),
                    validation.complete() ? "all " : "a sample of ",
                    quantity.count(validation.bases())));
        } else if (event instanceof CheckpointWritten checkpoint) {
            line("step " + checkpoint.step() + ": checkpoint " + checkpoint.path() + " ("
                    + quantity.bytes(checkpoint.bytes()) + ")");
        } else if (event instanceof RunFailed failed) {
            line("step " + failed.step() + ": failed: " + failed.message());
        } else if (event instanceof RunFinished finished) {
            line((finished.stopped() ? "stopped" : "finished") + " at step " + finished.step() + " after "
                    + quantity.duration(finished.trainingSeconds()) + " of training");
        }
    }

    @Override
    public void close() {
        endLine();
    }

    private void showStep(StepCompleted step) {
        String text = stepLine(step);
        if (terminal) {
            stream.print("\r" + text + ERASE_TO_END);
            stream.flush();
            lineOpen = true;
        } else {
            stream.println(text);
        }
        shown = System.nanoTime();
        any = true;
    }

    private String stepLine(StepCompleted step) {
        String steps = Long.toString(progress.steps());
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "step %" + steps.length() + "d/%s  tokens %s  loss %.3f  %.3f bits/base  %s tokens/s  %s model",
                step.step(),
                steps,
                quantity.count(step.tokens()),
                step.loss(),
                step.bitsPerBase(),
                quantity.count(Math.round(step.tokensPerSecond())),
                quantity.flops(step.modelFlops())));
        if (step.mfu() > 0) {
            text.append(String.format(Locale.ROOT, " (%.0f%% of peak)", 100 * step.mfu()));
        }
        progress.secondsLeft().ifPresent(seconds -> text.append("  ETA ").append(quantity.duration(seconds)));
        return text.toString();
    }

    private void line(String text) {
        endLine();
        stream.println(text);
    }

    private void endLine() {
        if (lineOpen) {
            stream.println();
            lineOpen = false;
        }
    }
}
