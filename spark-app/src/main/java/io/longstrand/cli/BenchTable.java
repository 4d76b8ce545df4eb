package io.longstrand.cli;

import io.longstrand.bench.Row;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Figures as a person reads them: one line a case, its figures beside each other, and how many bars hold. */
record BenchTable(List<Row> rows) {
    private static final double SMALLEST_WHOLE = 1000;

    List<String> lines() {
        Map<String, List<Row>> cases = new LinkedHashMap<>();
        rows.forEach(row -> cases.computeIfAbsent(row.setting(), setting -> new ArrayList<>())
                .add(row));
        int width = cases.keySet().stream().mapToInt(String::length).max().orElse(0);
        List<String> lines = new ArrayList<>();
        cases.forEach((setting, figures) -> lines.add(String.format("%-" + Math.max(1, width) + "s  ", setting)
                + figures.stream().map(BenchTable::figure).collect(Collectors.joining("  "))));
        long held =
                rows.stream().filter(row -> Boolean.TRUE.equals(row.holds())).count();
        long set = rows.stream().filter(row -> row.holds() != null).count();
        if (set > 0) {
            lines.add(held + " of " + set + " bars hold");
        }
        return lines;
    }

    private static String figure(Row row) {
        String unit = row.unit().equals("1") ? "" : " " + row.unit();
        String bar = row.bar() == null ? "" : " (bar " + number(row.bar()) + (row.holds() ? ", holds)" : ", MISSED)");
        return row.figure() + " " + number(row.value()) + unit + bar;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= SMALLEST_WHOLE ? "%.0f" : "%.3f", value);
    }
}
