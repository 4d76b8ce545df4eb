package io.longstrand.cli;

import io.longstrand.inference.GenerationReport;
import io.longstrand.inference.Generator;
import io.longstrand.inference.InferenceModel;
import io.longstrand.spark.launch.ClusterFiles;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand generate}: sequence from a trained model. */
@Command(
        name = "generate",
        description = {
            "Generates sequence with the newest checkpoint of a run, as FASTA on standard output, and compares it with"
                    + " the training data: GC content, 4-mers, longest exact match.",
            "",
            "  submit/longstrand generate run.directory=runs/local --length 3000 > generated.fa",
            "  submit/longstrand generate run.directory=runs/local --prompt ATGAAACGT --temperature 0.8 --top-k 20",
            "",
        },
        usageHelpAutoWidth = true)
final class GenerateCommand implements Callable<Integer> {
    private static final int FASTA_WIDTH = 70;

    private final Console console;

    @Mixin
    private ConfigurationOptions configuration;

    @Mixin
    private OutputOptions output;

    @Option(
            names = "--length",
            paramLabel = "<bases>",
            defaultValue = "1000",
            description = "Bases to generate (1000).")
    private int length;

    @Option(
            names = "--seed",
            paramLabel = "<number>",
            defaultValue = "1",
            description = "The same seed gives the same sequence (1).")
    private long seed;

    @Option(
            names = "--temperature",
            paramLabel = "<number>",
            defaultValue = "1",
            description = "Below 1 likelier, above 1 more varied; 0 always takes the likeliest (1).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "<tokens>",
            defaultValue = "0",
            description = "Draw from the k likeliest tokens only; 0: from all (0).")
    private int top;

    @Option(
            names = "--prompt",
            paramLabel = "<bases>",
            defaultValue = "",
            description = "Letters to go on from; without, a sequence begins.")
    private String prompt;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Generator.Request request = new Generator.Request(prompt, length, seed, temperature, top);
        FileStore store = new ClusterFiles().open();
        try (StoredRun run = new StoredRun(store, configuration.stored(store));
                InferenceModel model = InferenceModel.open(
                        run.configuration(),
                        run.data().tokenizer().vocabularySize(),
                        1,
                        run.checkpoint(),
                        run.backend())) {
            byte[] bases = new Generator(model, run.data().tokenizer()).generate(request);
            GenerationReport report = GenerationReport.of(bases, run.data());
            console.say(
                    "GC %.1f%% (training data %.1f%%), 4-mer divergence %.4f bits, longest exact match to the training"
                            + " data %d bases",
                    100 * report.gcShare(),
                    100 * report.trainingGcShare(),
                    report.kmerDivergence(),
                    report.longestMatch());
            if (output.json()) {
                new Json().print(console, report);
            } else {
                fasta(report.sequence());
            }
        }
        return ExitCode.DONE.number();
    }

    private void fasta(String sequence) {
        PrintStream stream = console.output();
        stream.println(
                String.format(Locale.ROOT, ">generated seed=%d temperature=%s top-k=%d", seed, temperature, top));
        for (int from = 0; from < sequence.length(); from += FASTA_WIDTH) {
            stream.println(sequence.substring(from, Math.min(sequence.length(), from + FASTA_WIDTH)));
        }
    }
}
