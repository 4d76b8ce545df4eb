package io.longstrand.cli;

import io.longstrand.doctor.DeviceCheck;
import io.longstrand.doctor.DeviceDocument;
import io.longstrand.doctor.DeviceReport;
import io.longstrand.doctor.DeviceTable;
import io.longstrand.tensor.BackendProvider;
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
            "With --device it looks at the device of one backend instead, without Spark, in about half a minute: every"
                    + " kernel against a float64 reference, products and copies, and a training step beside the CPU's:",
            "  submit/longstrand doctor --device backend=torch",
            "",
            "Exit code 3 when something needed is missing or wrong.",
        },
        usageHelpAutoWidth = true)
final class DoctorCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private OutputOptions output;

    @Mixin
    private ConfigurationOptions configuration;

    @Option(names = "--device", description = "Look at the device of a backend, in this process and without Spark.")
    private boolean device;

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
        return (device ? device() : machine()).number();
    }

    private ExitCode device() {
        int threads = Runtime.getRuntime().availableProcessors();
        String backend = configuration.load().backend().text();
        DeviceTable table = new DeviceTable(console::say);
        DeviceReport report = new DeviceCheck(backend, new BackendProvider.Options(threads)).run(table);
        table.end(report);
        if (output.json()) {
            new Json().print(console, DeviceDocument.of(report));
        }
        return report.healthy() ? ExitCode.DONE : ExitCode.ENVIRONMENT_ERROR;
    }

    private ExitCode machine() {
        List<Finding> findings = new Doctor().examine(finding -> console.say(finding.line()));
        boolean healthy = findings.stream().noneMatch(Finding::isFault);
        if (output.json()) {
            new Json().print(console, new Report(healthy, findings));
        }
        console.say(healthy ? "Everything a run needs is here." : "Something a run needs is missing: see FAULT above.");
        return healthy ? ExitCode.DONE : ExitCode.ENVIRONMENT_ERROR;
    }
}
