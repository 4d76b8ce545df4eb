package io.longstrand.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.CategoryStyler;
import org.knowm.xchart.style.Styler;

/**
 * Groups of bars beside each other, one bar a series, over a logarithmic axis: what differs by orders of magnitude can be
 * read all the same.
 */
public final class BarChart {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    private static final List<Color> BARS = List.of(
            new Color(0xb9, 0x4a, 0x48),
            new Color(0x8f, 0xa6, 0x4a),
            new Color(0x1f, 0x6f, 0xb4),
            new Color(0xd9, 0x9a, 0x02),
            new Color(0x8e, 0x5b, 0xb5));

    private final String yTitle;
    private final List<String> groups;
    private final Map<String, List<Double>> series;

    /**
     * Describes a chart.
     *
     * @param yTitle what the vertical axis shows, with its unit
     * @param groups names of the groups
     * @param series name to a value of each group, in the order they are drawn; not above 0: no bar
     */
    public BarChart(String yTitle, List<String> groups, Map<String, List<Double>> series) {
        this.yTitle = yTitle;
        this.groups = List.copyOf(groups);
        this.series = series;
    }

    /** An SVG document. */
    public String svg() {
        return new ChartDrawing(chart()).document("bars", yTitle);
    }

    private CategoryChart chart() {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .yAxisTitle(yTitle)
                .build();
        CategoryStyler styler = chart.getStyler();
        new ChartStyle().apply(styler);
        styler.setLegendPosition(Styler.LegendPosition.OutsideS);
        styler.setLegendLayout(Styler.LegendLayout.Horizontal);
        styler.setYAxisLogarithmic(true);
        styler.setAvailableSpaceFill(0.85);
        styler.setYAxisDecimalPattern("#,##0");
        styler.setYAxisMin(floor());
        styler.setLabelsVisible(true);
        styler.setLabelsPosition(0.9);
        styler.setLabelsRotation(90);
        int bar = 0;
        for (Map.Entry<String, List<Double>> one : series.entrySet()) {
            List<Double> values = new ArrayList<>();
            for (Double value : one.getValue()) {
                values.add(value > 0 ? value : null);
            }
            chart.addSeries(one.getKey(), groups, values).setFillColor(BARS.get(bar++ % BARS.size()));
        }
        return chart;
    }

    /** The power of ten below every bar: a logarithmic axis has no zero to stand on. */
    private double floor() {
        double least = series.values().stream()
                .flatMap(List::stream)
                .filter(value -> value > 0)
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(1);
        return Math.pow(10, Math.floor(Math.log10(least)));
    }
}
