package io.longstrand.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A model's held-out bits per base beside those of the count models, best first.
 *
 * @param rows sorted by bits per base
 * @param bases held-out bases scored
 */
public record BaselineTable(List<Row> rows, long bases) {
    private static final String MODEL = "this model";

    /**
     * One line.
     *
     * @param name of the model
     * @param bitsPerBase held-out bits per base
     * @param difference from the trained model: above 0 is worse
     * @param trained whether this is the trained model
     */
    public record Row(String name, double bitsPerBase, double difference, boolean trained) {}

    /**
     * @param bitsPerBase of the trained model
     * @param bases held-out bases scored
     * @param baselines bits per base by name
     */
    public static BaselineTable of(double bitsPerBase, long bases, Map<String, Double> baselines) {
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(MODEL, bitsPerBase, 0, true));
        baselines.forEach((name, bits) -> rows.add(new Row(name, bits, bits - bitsPerBase, false)));
        rows.sort(Comparator.comparingDouble(Row::bitsPerBase));
        return new BaselineTable(List.copyOf(rows), bases);
    }

    /** The table as text lines for a terminal, each ended. */
    public String text() {
        int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
        StringBuilder text =
                new StringBuilder(String.format(Locale.ROOT, "held-out bits/base over %,d bases, best first%n", bases));
        for (Row row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s %-" + width + "s  %.3f  %s%n",
                    row.trained() ? " >" : "  ",
                    row.name(),
                    row.bitsPerBase(),
                    row.trained() ? "" : String.format(Locale.ROOT, "%+.3f", row.difference())));
        }
        return text.toString().replaceAll("[ ]+(\\R)", "$1");
    }
}
