package io.longstrand.cli;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.spark.launch.StopRequest;
import io.longstrand.spark.launch.TrainingRun;
import java.util.ArrayList;
import java.util.List;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ctrl-C, and the polite kill of a batch system: the first ends the run after its step, with a checkpoint; the second
 * ends the process at once.
 */
final class Interrupts implements AutoCloseable {
    private static final List<String> SIGNALS = List.of("INT", "TERM");

    private final Console console;
    private final StopRequest stop;
    private final RunDirectory run;
    private final List<SignalHandler> before = new ArrayList<>();

    Interrupts(Console console, StopRequest stop, RunDirectory run) {
        this.console = console;
        this.stop = stop;
        this.run = run;
        for (String signal : SIGNALS) {
            before.add(Signal.handle(new Signal(signal), received -> interrupted()));
        }
    }

    private void interrupted() {
        if (stop.isRequested()) {
            console.say(
                    "%nlongstrand: aborted; continue from the last checkpoint with %s", TrainingRun.resumeCommand(run));
            Runtime.getRuntime().halt(ExitCode.RUN_FAILURE.number());
        }
        stop.request();
        console.say("%nlongstrand: finishing the step and saving; once more to abort at once");
    }

    @Override
    public void close() {
        for (int i = 0; i < SIGNALS.size(); i++) {
            Signal.handle(new Signal(SIGNALS.get(i)), before.get(i));
        }
    }
}
