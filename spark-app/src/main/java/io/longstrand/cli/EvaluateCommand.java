package io.longstrand.cli;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.RunConfiguration;
import io.longstrand.inference.CheckpointEvaluation;
import io.longstrand.inference.Score;
import io.longstrand.metrics.EventLog;
import io.longstrand.spark.launch.ClusterFiles;
import io.longstrand.storage.FileStore;
import io.longstrand.train.TrainingOutcome;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand evaluate}: scores the newest checkpoint of a run. */
@Command(
        name = "evaluate",
        description = {
            "Scores the newest checkpoint of a run on its held-out part: the figure of the table that training ended"
                    + " with.",
            "",
            "  submit/longstrand evaluate run.directory=runs/local",
            "",
        },
        usageHelpAutoWidth = true)
final class EvaluateCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private OutputOptions output;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        FileStore store = new ClusterFiles().open();
        RunConfiguration settings = configuration.stored(store);
        RunDirectory run = new RunDirectory(settings.run().directory());
        try (StoredRun stored = new StoredRun(store, settings)) {
            Score score =
                    new CheckpointEvaluation(settings, stored.data(), stored.backend()).score(stored.checkpoint());
            TrainingOutcome outcome = new RecordedOutcome(settings, new EventLog(store, run.path()).read())
                    .with(
                            score,
                            stored.checkpoint().progress().step(),
                            stored.checkpoint().directory());
            new OutcomeReport(console).show(outcome, run.report(), output.json());
        }
        return ExitCode.DONE.number();
    }
}
