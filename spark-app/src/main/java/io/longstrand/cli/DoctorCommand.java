package io.longstrand.cli;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.doctor.DeviceCheck;
import io.longstrand.doctor.DeviceDocument;
import io.longstrand.doctor.DeviceReport;
import io.longstrand.doctor.DeviceTable;
import io.longstrand.spark.doctor.ClusterDoctor;
import io.longstrand.spark.doctor.ClusterDocument;
import io.longstrand.spark.doctor.ClusterReport;
import io.longstrand.spark.doctor.ClusterTable;
import io.longstrand.spark.launch.SparkOpener;
import io.longstrand.tensor.BackendProvider;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
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
            "With --cluster it does the same on every rank of a barrier stage like training's, and measures what they add up"
                    + " together: one table, a row a rank.",
            "  submit/longstrand doctor --cluster backend=torch",
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
            names = "--cluster",
            description = "Look at the devices of all ranks of the cluster that LONGSTRAND_MASTER names.")
    private boolean cluster;

    @Option(
            names = "--ranks",
            paramLabel = "n",
            description = "With --cluster: how many ranks. Default: one for every slot.")
    private Integer ranks;

    @Option(
            names = "--brief",
            description = "With --device and --cluster: without shapes of training's size, in some seconds.")
    private boolean brief;

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
        if (device && cluster) {
            throw new UserError("--device looks at this machine and --cluster at all ranks: give one of them");
        }
        if (ranks != null && (!cluster || ranks < 1)) {
            throw new UserError("--ranks " + ranks + ": a number from 1, with --cluster");
        }
        if (brief && !device && !cluster) {
            throw new UserError("--brief leaves shapes out of what --device and --cluster look at: give one of them");
        }
        return (cluster ? cluster() : device ? device() : machine()).number();
    }

    private ExitCode device() {
        int threads = Runtime.getRuntime().availableProcessors();
        String backend = configuration.load().backend().text();
        DeviceTable table = new DeviceTable(console::say);
        DeviceReport report = DeviceCheck.of(backend, new BackendProvider.Options(threads), brief)
                .run(table);
        table.end(report);
        if (output.json()) {
            new Json().print(console, DeviceDocument.of(report));
        }
        return report.healthy() ? ExitCode.DONE : ExitCode.ENVIRONMENT_ERROR;
    }

    private ExitCode cluster() {
        RunConfiguration settings = configuration.load();
        ClusterReport report;
        try (JavaSparkContext spark = new SparkOpener().open()) {
            report = new ClusterDoctor(spark, settings.comm())
                    .run(
                            settings.backend().text(),
                            ranks == null ? OptionalInt.empty() : OptionalInt.of(ranks),
                            brief,
                            console::say);
        }
        new ClusterTable(report).lines().forEach(console::say);
        if (output.json()) {
            new Json().print(console, ClusterDocument.of(report));
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
