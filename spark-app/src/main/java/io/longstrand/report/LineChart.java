package io.longstrand.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Curves over the steps of a run, as an SVG element to be put into a page as it is. All letters are drawn as paths, so
 * nothing of a curve's name reaches the page as text.
 */
final class LineChart {
    private static final Color[] LINES = {
        new Color(0x1f, 0x6f, 0xb4),
        new Color(0xd9, 0x5f, 0x02),
        new Color(0x2a, 0x9d, 0x6f),
        new Color(0x8e, 0x5b, 0xb5)
    };
    private static final Color[] REFERENCES = {
        new Color(0x6b, 0x74, 0x80),
        new Color(0x9a, 0x6b, 0x3c),
        new Color(0xa8, 0x3a, 0x4c),
        new Color(0x4d, 0x7c, 0x4d)
    };

    private final String name;
    private final String yTitle;
    private final List<Curve> curves;

    /**
     * @param name unique in the page; letters and dashes
     * @param yTitle what the vertical axis shows, with its unit
     * @param curves at least one point in one of them
     */
    LineChart(String name, String yTitle, List<Curve> curves) {
        this.name = name;
        this.yTitle = yTitle;
        this.curves = curves;
    }

    /** The {@code <svg>} element. */
    String svg() {
        return new ChartDrawing(chart()).element(name, yTitle);
    }

    private XYChart chart() {
        XYChart chart = new XYChartBuilder()
                .width(640)
                .height(320)
                .xAxisTitle("step")
                .yAxisTitle(yTitle)
                .build();
        new ChartStyle().apply(chart.getStyler());
        chart.getStyler().setXAxisDecimalPattern("#,##0");
        chart.getStyler().setLegendVisible(curves.size() > 1);
        int line = 0;
        int reference = 0;
        for (Curve curve : curves) {
            if (curve.x().length > 0) {
                XYSeries series = chart.addSeries(curve.name(), curve.x(), curve.y());
                boolean isReference = curve.kind() == Curve.Kind.REFERENCE;
                draw(series, curve.kind(), isReference ? REFERENCES[reference++ % 4] : LINES[line++ % 4]);
            }
        }
        range(chart.getStyler());
        return chart;
    }

    private static void draw(XYSeries series, Curve.Kind kind, Color color) {
        series.setLineColor(color);
        series.setMarkerColor(color);
        series.setMarker(kind == Curve.Kind.POINTS ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setSmooth(false);
        series.setLineStyle(
                kind == Curve.Kind.REFERENCE
                        ? new BasicStroke(1.2f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {5, 4}, 0)
                        : new BasicStroke(1.8f, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }

    /** A flat curve would otherwise have a vertical axis without extent, which XChart cannot draw. */
    private void range(XYStyler styler) {
        double[] values = curves.stream()
                .flatMapToDouble(curve -> Arrays.stream(curve.y()))
                .filter(Double::isFinite)
                .sorted()
                .toArray();
        if (values.length > 0 && values[0] == values[values.length - 1]) {
            double margin = values[0] == 0 ? 1 : Math.abs(values[0]) * 0.1;
            styler.setYAxisMin(values[0] - margin);
            styler.setYAxisMax(values[0] + margin);
        }
    }
}
