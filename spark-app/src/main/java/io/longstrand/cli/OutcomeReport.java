package io.longstrand.cli;

import io.longstrand.metrics.MaskUse;
import io.longstrand.metrics.Quantity;
import io.longstrand.report.BaselineTable;
import io.longstrand.train.TrainingOutcome;
import java.util.Locale;

/** Shows how a training run ended. */
final class OutcomeReport {
    private final Console console;

    OutcomeReport(Console console) {
        this.console = console;
    }

    /**
     * For people the table of held-out bits per base and where things are; as JSON everything.
     *
     * @param report path of {@code report.html}
     */
    void show(TrainingOutcome outcome, String report, boolean json) {
        if (outcome.validation() != null) {
            BaselineTable table = BaselineTable.of(
                    outcome.validation().bitsPerBase(), outcome.validation().bases(), outcome.baselines());
            console.say("%n%s", table.text());
        }
        if (outcome.mask().tiles() > 0) {
            console.say("masks       %s", masks(outcome.mask()));
        }
        console.say("checkpoint  %s", outcome.checkpoint());
        console.say("report      %s", report);
        if (json) {
            new Json().print(console, outcome);
        }
    }

    private static String masks(MaskUse mask) {
        Quantity quantity = new Quantity();
        return String.format(
                Locale.ROOT,
                "%s host, %s device; %s tiles made on the host in %.2f s, %s moved, attention waited %.2f s for them",
                quantity.bytes(mask.hostBytes()),
                quantity.bytes(mask.deviceBytes()),
                quantity.count(mask.tiles()),
                mask.seconds(),
                quantity.bytes(mask.movedBytes()),
                mask.waitedSeconds());
    }
}
