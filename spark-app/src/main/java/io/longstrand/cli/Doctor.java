package io.longstrand.cli;

import io.longstrand.bench.Benchmark;
import io.longstrand.bench.PeakBenchmark;
import io.longstrand.bench.Row;
import io.longstrand.bench.Selection;
import io.longstrand.cli.Finding.Verdict;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.ThisMachine;
import io.longstrand.spark.launch.SparkCheck;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.Backend.SelfTest;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Looks at everything a run needs, one finding after the other. */
final class Doctor {
    private static final long GIB = 1L << 30;
    private static final int OLDEST_JAVA = 17;

    private final List<Finding> findings = new ArrayList<>();

    /** @param tell hears of each finding at once, because some take seconds */
    List<Finding> examine(Consumer<Finding> tell) {
        Consumer<Finding> note = finding -> {
            findings.add(finding);
            tell.accept(finding);
        };
        note.accept(java());
        note.accept(vectorModule());
        note.accept(reflection());
        note.accept(memory());
        new GpuFindings(new CudaCheck(new ThisMachine())).list().forEach(note);
        for (BackendProvider provider : new Backends().providers()) {
            backend(provider, note);
        }
        note.accept(anyBackend());
        peaks(note);
        note.accept(spark());
        return List.copyOf(findings);
    }

    private static Finding java() {
        Runtime.Version version = Runtime.version();
        return new Finding(
                "Java",
                version.feature() >= OLDEST_JAVA ? Verdict.OK : Verdict.FAULT,
                System.getProperty("java.vm.name") + " " + version + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors");
    }

    private static Finding vectorModule() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? new Finding("flag --add-modules", Verdict.OK, "jdk.incubator.vector is there")
                : new Finding(
                        "flag --add-modules",
                        Verdict.FAULT,
                        "the JVM needs --add-modules jdk.incubator.vector; submit/longstrand sets it");
    }

    private static Finding reflection() {
        return Object.class.getModule().isOpen("java.nio", Doctor.class.getModule())
                ? new Finding("flag --add-opens", Verdict.OK, "Spark reaches what it needs of java.base")
                : new Finding(
                        "flag --add-opens",
                        Verdict.FAULT,
                        "the JVM needs --add-opens=java.base/java.nio=ALL-UNNAMED and others; submit/longstrand sets"
                                + " them");
    }

    private static Finding memory() {
        var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Finding(
                "memory",
                Verdict.OK,
                String.format(
                        "%.1f GiB, %.1f GiB free; Java heap up to %.1f GiB",
                        (double) system.getTotalMemorySize() / GIB,
                        (double) system.getFreeMemorySize() / GIB,
                        (double) Runtime.getRuntime().maxMemory() / GIB));
    }

    private static void backend(BackendProvider provider, Consumer<Finding> note) {
        String subject = "backend " + provider.name();
        Optional<String> unavailable = provider.unavailable();
        if (unavailable.isPresent()) {
            note.accept(new Finding(subject, Verdict.ABSENT, unavailable.get()));
            return;
        }
        int threads = Runtime.getRuntime().availableProcessors();
        try (Backend backend = provider.open(new BackendProvider.Options(threads))) {
            note.accept(new Finding(subject, Verdict.OK, backend.description()));
            for (SelfTest test : backend.selfTest()) {
                note.accept(new Finding(
                        subject + ", " + test.name(), test.passed() ? Verdict.OK : Verdict.FAULT, test.detail()));
            }
        } catch (RuntimeException | LinkageError e) {
            note.accept(new Finding(subject, Verdict.FAULT, e.toString()));
        }
    }

    private Finding anyBackend() {
        boolean any = findings.stream()
                .anyMatch(finding -> finding.subject().startsWith("backend ")
                        && !finding.subject().contains(",")
                        && finding.verdict() == Verdict.OK);
        return any
                ? new Finding("backends", Verdict.OK, "at least one computes here")
                : new Finding(
                        "backends", Verdict.FAULT, "none can compute here; a Linux x86-64 machine has at least cpu");
    }

    /** How fast this machine multiplies, by precision and thread count; takes some seconds each. */
    private static void peaks(Consumer<Finding> note) {
        try {
            Benchmark peak = new PeakBenchmark("cpu");
            for (Row row : peak.run(new Selection(peak, List.of("rounds=1")), line -> {})) {
                if (row.figure().equals("peak")) {
                    note.accept(new Finding(
                            "peak",
                            Verdict.OK,
                            String.format(Locale.ROOT, "%.1f %s, %s", row.value(), row.unit(), row.setting())));
                }
            }
        } catch (RuntimeException | LinkageError e) {
            note.accept(new Finding("peak", Verdict.FAULT, e.toString()));
        }
    }

    private static Finding spark() {
        try {
            return new Finding("Spark", Verdict.OK, new SparkCheck().run());
        } catch (RuntimeException e) {
            return new Finding("Spark", Verdict.FAULT, e.toString());
        }
    }
}
