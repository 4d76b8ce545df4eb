package io.longstrand.doctor;

import io.longstrand.conformance.KernelVerdict;
import io.longstrand.tensor.DataType;
import java.util.Locale;
import java.util.function.Consumer;

/** What is found of a device, line by line as it is found. */
public final class DeviceTable implements DeviceCheck.Listener {
    private final Consumer<String> lines;
    private boolean begun;

    /** @param lines takes them */
    public DeviceTable(Consumer<String> lines) {
        this.lines = lines;
    }

    @Override
    public void opened(String backend, String description, String device) {
        lines.accept("backend " + backend + ": " + description);
        if (!device.isEmpty()) {
            lines.accept("device: " + device);
        }
    }

    @Override
    public void tried(KernelVerdict verdict) {
        if (!begun) {
            begun = true;
            lines.accept("");
            lines.accept(String.format(
                    "%-26s %-5s %10s %10s %9s  %-14s %10s",
                    "kernel", "type", "deviation", "of allowed", "compared", "largest tensor", "its time"));
        }
        lines.accept(String.format(
                Locale.ROOT,
                "%-26s %-5s %10.1e %10.2f %9d  %-14s %10s%s",
                verdict.kernel(),
                precision(verdict.type()),
                verdict.deviation(),
                verdict.ofAllowed(),
                verdict.comparisons(),
                verdict.largest(),
                verdict.largest().isEmpty() ? "" : String.format(Locale.ROOT, "%.3f ms", verdict.seconds() * 1e3),
                verdict.right() ? "" : "  WRONG"));
    }

    @Override
    public void measured(Rate rate) {
        lines.accept(String.format(Locale.ROOT, "%-26s %,.1f %s", rate.what(), rate.perSecond(), rate.unit()));
    }

    @Override
    public void compared(StepVerdict verdict) {
        lines.accept(String.format(
                Locale.ROOT,
                "training step %s: loss %.6f, %.1e from the CPU's (allowed %.0e); gradients %.1e (allowed %.0e, worst %s);"
                        + " %.1f ms a step%s",
                verdict.precision(),
                verdict.loss(),
                verdict.lossDeviation(),
                verdict.lossTolerance(),
                verdict.gradientDeviation(),
                verdict.gradientTolerance(),
                verdict.worstParameter(),
                verdict.seconds() * 1e3,
                verdict.fault().isPresent() ? "  WRONG" : ""));
    }

    @Override
    public void remarked(String remark) {
        lines.accept(remark);
    }

    /** The end: what is wrong, or that nothing is. */
    public void end(DeviceReport report) {
        report.allFaults().forEach(fault -> lines.accept("FAULT " + fault));
        lines.accept(String.format(
                Locale.ROOT,
                "%s seen in %.1f s.",
                report.healthy()
                        ? "Every kernel of backend " + report.backend() + " computes what it should here,"
                        : "Backend " + report.backend() + " does not compute what it should here (FAULT above),",
                report.seconds()));
    }

    /** As people call it. */
    static String precision(DataType type) {
        return switch (type) {
            case FLOAT32 -> "fp32";
            case BFLOAT16 -> "bf16";
            case INT32 -> "int32";
        };
    }
}
