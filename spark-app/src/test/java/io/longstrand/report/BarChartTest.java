package io.longstrand.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class BarChartTest {
    @Test
    void the_chart_is_a_document_of_its_own_that_says_what_it_shows() throws Exception {
        Map<String, List<Double>> series = new LinkedHashMap<>();
        series.put("one", List.of(26.0, 512.0));
        series.put("two", List.of(0.0, 5000.0));

        String svg = new BarChart("thousands of tokens <&>", List.of("32 GPUs", "64 GPUs"), series).svg();

        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(document.getDocumentElement().getNamespaceURI()).isNull();
        assertThat(document.getDocumentElement().getAttribute("xmlns")).isEqualTo("http://www.w3.org/2000/svg");
        assertThat(document.getDocumentElement().getAttribute("aria-label")).isEqualTo("thousands of tokens <&>");
    }

    @Test
    void the_same_values_draw_the_same_chart_and_others_another() {
        BarChart chart = new BarChart("tokens", List.of("a"), Map.of("one", List.of(10.0)));

        assertThat(chart.svg())
                .isEqualTo(new BarChart("tokens", List.of("a"), Map.of("one", List.of(10.0))).svg())
                .isNotEqualTo(new BarChart("tokens", List.of("a"), Map.of("one", List.of(90.0))).svg());
    }
}
