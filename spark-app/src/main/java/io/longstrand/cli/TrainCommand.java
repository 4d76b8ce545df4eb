package io.longstrand.cli;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.metrics.ConsoleProgress;
import io.longstrand.report.RunReport;
import io.longstrand.spark.launch.ClusterFiles;
import io.longstrand.spark.launch.SparkOpener;
import io.longstrand.spark.launch.StopRequest;
import io.longstrand.spark.launch.TrainingRun;
import io.longstrand.spark.prepare.PrepareProgress;
import io.longstrand.storage.FileStore;
import io.longstrand.train.TrainingOutcome;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand train}: from genome files to a trained model. */
@Command(
        name = "train",
        description = {
            "Trains a model on genomes.",
            "",
            "Without arguments it trains on the bundled Helicobacter pylori genome (a few minutes). On your FASTA or"
                    + " GenBank files, plain or gzipped:",
            "  submit/longstrand train data.inputs=[ecoli.fa.gz] run.directory=runs/ecoli",
            "  submit/longstrand train data.inputs=[a.fa,b.fa] train.steps=3000 model.preset=genome-4M",
            "",
            "The last tenth of the bases is held out; at the end the model's bits per base on it stand beside those"
                    + " of Markov models. 2 bits per base is what storing the letters takes; lower is better.",
            "",
            "Ctrl-C finishes the step, saves, and ends with exit code 4. To go on:",
            "  submit/longstrand train --resume run.directory=runs/ecoli",
            "",
        },
        usageHelpAutoWidth = true)
final class TrainCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--resume",
            description = "Go on with the run in run.directory from its newest checkpoint. Only train.steps,"
                    + " train.retries, checkpoint.every, parallel.*, zero.* and memory.* may be changed.")
    private boolean resume;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        FileStore store = new ClusterFiles().open();
        RunConfiguration settings = resume ? configuration.stored(store) : configuration.load();
        RunDirectory run = new RunDirectory(settings.run().directory());
        if (!resume) {
            refuseExisting(store, run);
        }
        StopRequest stop = new StopRequest();
        TrainingOutcome outcome;
        try (JavaSparkContext spark = new SparkOpener().open();
                Interrupts interrupts = new Interrupts(console, stop, run);
                ConsoleProgress progress = new ConsoleProgress(
                        console.messages(),
                        console.terminal(),
                        settings.metrics().progressEvery())) {
            outcome = new TrainingRun(spark, new PrepareProgress(console.messages()), progress, stop).run(settings);
        }
        new OutcomeReport(console).show(outcome, new RunReport(store, run).write(), output.json());
        if (outcome.stopped()) {
            throw new RunFailure("stopped at step " + outcome.steps() + ", saved in " + outcome.checkpoint()
                    + "; continue with " + TrainingRun.resumeCommand(run));
        }
        return ExitCode.DONE.number();
    }

    private static void refuseExisting(FileStore store, RunDirectory run) throws IOException {
        if (store.exists(run.configuration()) || store.exists(run.checkpoints())) {
            throw new UserError(run.path() + ": already holds a run; choose another run.directory=…, or go on with "
                    + TrainingRun.resumeCommand(run));
        }
    }
}
