package io.longstrand.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry point: {@code longstrand <command> [--conf file.conf] [key=value …] [--json]}. */
@Command(
        name = "longstrand",
        description = {
            "",
            "Pre-trains GPT models on genomes with very long sequences, on Apache Spark.",
            "",
            "From your FASTA to a trained model:",
            "  submit/longstrand train data.inputs=[genome.fa.gz] run.directory=runs/mine",
            "  submit/longstrand evaluate run.directory=runs/mine",
            "  submit/longstrand generate run.directory=runs/mine > generated.fa",
            "",
        },
        synopsisSubcommandLabel = "<command>",
        usageHelpAutoWidth = true,
        footer = {
            "",
            "Settings are key=value pairs, or a file named with --conf; every key is explained in reference.conf.",
            "Exit codes: 0 done; 1 a defect of Longstrand; 2 wrong usage, input or configuration; 3 this machine or",
            "cluster lacks something; 4 a run failed or was interrupted and can be resumed.",
        })
public final class Main implements Runnable {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Spec
    private CommandSpec spec;

    private Main() {}

    /** Runs one command and ends the JVM: Spark leaves threads behind that would keep it alive. */
    public static void main(String[] arguments) {
        System.exit(run(Console.ofProcess(), arguments));
    }

    /** Runs one command. @return the exit code */
    static int run(Console console, String... arguments) {
        ErrorReport errors = new ErrorReport(console);
        CommandLine commandLine = new CommandLine(new Main())
                .addSubcommand(new PrepareCommand(console))
                .addSubcommand(new TrainCommand(console))
                .addSubcommand(new EvaluateCommand(console))
                .addSubcommand(new GenerateCommand(console))
                .addSubcommand(new PlanCommand(console))
                .addSubcommand(new ReportCommand(console))
                .addSubcommand(new DoctorCommand(console))
                .addSubcommand(new BenchCommand(console))
                .setOut(new PrintWriter(console.output(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(console.messages(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
        try {
            return commandLine.execute(arguments);
        } catch (LinkageError | OutOfMemoryError e) {
            return errors.report(e);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "which command? " + String.join(", ", spec.subcommands().keySet()));
    }
}
