package io.longstrand.cli;

import io.longstrand.config.RunConfiguration;
import io.longstrand.spark.launch.SparkOpener;
import io.longstrand.spark.prepare.PrepareJob;
import io.longstrand.spark.prepare.PrepareProgress;
import io.longstrand.spark.prepare.PrepareRequest;
import io.longstrand.spark.prepare.PrepareResult;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand prepare}: genome files to token shard files. */
@Command(
        name = "prepare",
        description = {
            "Turns genome files into token shard files, in data.directory. Training does it by itself; prepare ahead"
                    + " to do it once for several runs:",
            "  submit/longstrand prepare data.inputs=[genome.fa.gz] data.directory=data/genome",
            "  submit/longstrand train data.inputs=[genome.fa.gz] data.directory=data/genome run.directory=runs/a",
            "",
        },
        usageHelpAutoWidth = true)
final class PrepareCommand implements Callable<Integer> {
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

    PrepareCommand(Console console) {
        this.console = console;
    }

    /**
     * What {@code --json} prints.
     *
     * @param directory of the prepared data
     * @param reused whether it was there already
     * @param records sequences of the inputs
     * @param inputBytes bytes of the inputs on disk
     * @param seconds it took
     */
    record Report(String directory, boolean reused, int records, long inputBytes, double seconds) {}

    @Override
    public Integer call() throws IOException {
        RunConfiguration settings = configuration.load();
        try (JavaSparkContext spark = new SparkOpener().open()) {
            PrepareResult result =
                    new PrepareJob(spark, new PrepareProgress(console.messages())).run(PrepareRequest.of(settings));
            if (output.json()) {
                new Json()
                        .print(
                                console,
                                new Report(
                                        settings.data().directory(),
                                        result.reused(),
                                        result.manifest().records().size(),
                                        result.inputBytes(),
                                        result.seconds()));
            }
        }
        return ExitCode.DONE.number();
    }
}
