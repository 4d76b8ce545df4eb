package io.longstrand.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code longstrand doctor}: is everything here that a run needs? */
@Command(
        name = "doctor",
        description = {
            "Checks this machine: Java and its flags, native libraries, compute backends and their self-tests, the "
                    + "speed they reach, memory, and Spark.",
            "",
            "Exit code 3 when something needed is missing or wrong.",
        },
        usageHelpAutoWidth = true)
final class DoctorCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private OutputOptions output;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /** What {@code --json} prints. */
    record Report(boolean healthy, List<Finding> findings) {}

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Finding> findings = new Doctor().examine(finding -> console.say(finding.line()));
        boolean healthy = findings.stream().noneMatch(Finding::isFault);
        if (output.json()) {
            new Json().print(console, new Report(healthy, findings));
        }
        console.say(healthy ? "Everything a run needs is here." : "Something a run needs is missing: see FAULT above.");
        return (healthy ? ExitCode.DONE : ExitCode.ENVIRONMENT_ERROR).number();
    }
}
