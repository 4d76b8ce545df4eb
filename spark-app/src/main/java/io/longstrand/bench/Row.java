package io.longstrand.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * One figure.
 *
 * @param setting what was measured under which settings: {@code key=value} separated by spaces
 * @param figure its name
 * @param value its value
 * @param unit of the value; {@code 1} for ratios
 * @param bar what it is held to; null where none is set
 * @param holds whether it is at least the bar, or at most where less is better; null without a bar
 */
@JsonPropertyOrder({"case", "figure", "value", "unit", "bar", "holds"})
public record Row(
        @JsonProperty("case") String setting, String figure, double value, String unit, Double bar, Boolean holds) {
    /** A figure nobody set a bar for. */
    public static Row of(String setting, String figure, double value, String unit) {
        return new Row(setting, figure, value, unit, null, null);
    }

    /** A figure that should be at least {@code bar}. */
    public static Row atLeast(String setting, String figure, double value, String unit, double bar) {
        return new Row(setting, figure, value, unit, bar, value >= bar);
    }

    /** A ratio that should be 1, but for {@code tolerance} of it. */
    public static Row near(String setting, String figure, double value, double tolerance) {
        return new Row(setting, figure, value, "1", 1.0, Math.abs(value - 1) <= tolerance);
    }

    /** A figure that should be at most {@code bar}. */
    public static Row atMost(String setting, String figure, double value, String unit, double bar) {
        return new Row(setting, figure, value, unit, bar, value <= bar);
    }
}
