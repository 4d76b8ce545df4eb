package io.longstrand.spark.doctor;

import io.longstrand.conformance.KernelVerdict;
import io.longstrand.doctor.DeviceReport;
import io.longstrand.doctor.Rate;
import io.longstrand.doctor.StepVerdict;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A report as lines: one row a rank, the worst of each kernel, and what is wrong. */
public final class ClusterTable {
    private static final String GAP = "  ";

    private final ClusterReport report;

    /** Of one report. */
    public ClusterTable(ClusterReport report) {
        this.report = report;
    }

    /** All of it. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.addAll(aligned(report.ranks().stream().map(ClusterTable::row).toList()));
        if (!report.worst().isEmpty()) {
            lines.add("");
            lines.addAll(aligned(report.worst().stream().map(ClusterTable::row).toList()));
        }
        lines.add("");
        report.faults().forEach(fault -> lines.add("FAULT " + fault));
        lines.add(
                report.healthy()
                        ? "Every kernel computes what it should on every rank."
                        : "Something is wrong: see FAULT above.");
        return lines;
    }

    private static Map<String, String> row(RankReport rank) {
        Optional<DeviceReport> found = rank.found();
        Map<String, String> row = new LinkedHashMap<>();
        row.put("rank", "" + rank.rank());
        row.put("host", rank.host());
        row.put("executor", rank.executor());
        row.put("backend", found.map(DeviceReport::backend).orElse("none"));
        row.put("kernels right", found.map(ClusterTable::right).orElse(""));
        row.put(
                "worst fp32",
                found.flatMap(of -> of.worst(DataType.FLOAT32))
                        .map(ClusterTable::worst)
                        .orElse(""));
        row.put(
                "worst bf16",
                found.flatMap(of -> of.worst(DataType.BFLOAT16))
                        .map(ClusterTable::worst)
                        .orElse(""));
        for (String rate : List.of("matmul fp32", "matmul bf16", "copy host to device", "copy device to host")) {
            row.put(
                    rate,
                    found.flatMap(of -> of.rate(rate)).map(ClusterTable::rate).orElse(""));
        }
        row.put("all-reduce", rank.allReduce() > 0 ? rate(new Rate("", rank.allReduce() * 1e-9, "GB/s")) : "");
        for (String precision : List.of("fp32", "bf16")) {
            row.put("step " + precision, found.map(of -> step(of, precision)).orElse(""));
        }
        row.put(
                "device",
                found.map(of -> of.device().isEmpty() ? of.description() : of.device())
                        .orElse(""));
        return row;
    }

    private static String right(DeviceReport found) {
        return found.kernels().stream().filter(KernelVerdict::right).count() + " of "
                + found.kernels().size();
    }

    private static String worst(KernelVerdict verdict) {
        return String.format(Locale.ROOT, "%.2f %s", verdict.ofAllowed(), verdict.kernel());
    }

    private static String rate(Rate rate) {
        return String.format(Locale.ROOT, "%,.1f %s", rate.perSecond(), rate.unit());
    }

    /** How far loss and gradients are from the CPU's. */
    private static String step(DeviceReport found, String precision) {
        return found.steps().stream()
                .filter(step -> step.precision().equals(precision))
                .findFirst()
                .map((StepVerdict step) ->
                        String.format(Locale.ROOT, "%.0e %.0e", step.lossDeviation(), step.gradientDeviation()))
                .orElse("");
    }

    private static Map<String, String> row(ClusterReport.Worst worst) {
        KernelVerdict verdict = worst.verdict();
        Map<String, String> row = new LinkedHashMap<>();
        row.put("kernel", verdict.kernel());
        row.put("type", verdict.type() == DataType.BFLOAT16 ? "bf16" : "fp32");
        row.put("worst deviation", String.format(Locale.ROOT, "%.1e", verdict.deviation()));
        row.put("of allowed", String.format(Locale.ROOT, "%.2f", verdict.ofAllowed()));
        row.put("rank", "" + worst.rank());
        row.put("", verdict.right() ? "" : "WRONG");
        return row;
    }

    /** A head and the rows under it, in columns as wide as what they hold. */
    private static List<String> aligned(List<Map<String, String>> rows) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (Map<String, String> row : rows) {
            row.forEach((column, value) -> widths.merge(column, Math.max(column.length(), value.length()), Math::max));
        }
        List<String> lines = new ArrayList<>();
        StringBuilder head = new StringBuilder();
        widths.forEach((column, width) -> head.append(padded(column, width)));
        lines.add(head.toString().stripTrailing());
        for (Map<String, String> row : rows) {
            StringBuilder line = new StringBuilder();
            row.forEach((column, value) -> line.append(padded(value, widths.get(column))));
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length()) + GAP;
    }
}
