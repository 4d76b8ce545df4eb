package io.longstrand.cli;

import io.longstrand.report.BaselineTable;
import io.longstrand.train.TrainingOutcome;

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
        console.say("checkpoint  %s", outcome.checkpoint());
        console.say("report      %s", report);
        if (json) {
            new Json().print(console, outcome);
        }
    }
}
