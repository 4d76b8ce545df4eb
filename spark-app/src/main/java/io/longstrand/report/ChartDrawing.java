package io.longstrand.report;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;

/** A chart as SVG. All letters are drawn as paths, so nothing of a name reaches a page as text. */
record ChartDrawing(Chart<?, ?> chart) {
    private static final Pattern LONG_FRACTION = Pattern.compile("(\\.\\d\\d)\\d+");

    /**
     * The {@code <svg>} element for a page: without prologue, as wide as the page gives, its names kept apart from other
     * charts of the page.
     *
     * @param name unique in the page; letters and dashes
     * @param label what the chart shows
     */
    String element(String name, String label) {
        return svg("", name, label);
    }

    /** A document of its own. */
    String document(String name, String label) {
        return svg(" xmlns=\"http://www.w3.org/2000/svg\"", name, label) + "\n";
    }

    private String svg(String namespace, String name, String label) {
        String drawn = drawn();
        String svg = drawn.substring(drawn.indexOf("<svg"));
        String element = svg.substring(svg.indexOf('>') + 1);
        return "<svg" + namespace + " viewBox=\"0 0 " + chart.getWidth() + " " + chart.getHeight()
                + "\" role=\"img\" aria-label=\"" + Html.escape(label) + "\">"
                + LONG_FRACTION
                        .matcher(element)
                        .replaceAll("$1")
                        .replace("id=\"clip", "id=\"" + name + "-clip")
                        .replace("url(#clip", "url(#" + name + "-clip")
                        .replaceAll(">\\s+<", "><")
                        .strip();
    }

    private String drawn() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
