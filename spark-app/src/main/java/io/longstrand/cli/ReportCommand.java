package io.longstrand.cli;

import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.report.RunReport;
import io.longstrand.spark.launch.ClusterFiles;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand report}: makes {@code report.html} anew. */
@Command(
        name = "report",
        description = {
            "Writes report.html of a run, also while it trains: loss, bits per base, throughput and memory.",
            "",
            "  submit/longstrand report run.directory=runs/local",
            "",
        },
        usageHelpAutoWidth = true)
final class ReportCommand implements Callable<Integer> {
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

    ReportCommand(Console console) {
        this.console = console;
    }

    /** What {@code --json} prints. */
    record Written(String report) {}

    @Override
    public Integer call() throws IOException {
        FileStore store = new ClusterFiles().open();
        String directory = configuration.stored(store).run().directory();
        String report = new RunReport(store, new RunDirectory(directory)).write();
        console.say("report      %s", report);
        if (output.json()) {
            new Json().print(console, new Written(report));
        }
        return ExitCode.DONE.number();
    }
}
