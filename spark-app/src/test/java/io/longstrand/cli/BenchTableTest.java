package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.bench.Row;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTableTest {
    @Test
    void figures_of_a_case_share_a_line_and_bars_are_counted() {
        List<Row> rows = List.of(
                Row.of("S=2048", "tokensPerSecond", 12345.6, "1/s"),
                Row.atLeast("S=2048", "hardwareToPeak", 0.8125, "1", 0.8),
                Row.atMost("S=16", "recomputeToNone", 1.4, "1", 1.36));
        assertThat(new BenchTable(rows).lines())
                .containsExactly(
                        "S=2048  tokensPerSecond 12346 1/s  hardwareToPeak 0.813 (bar 0.800, holds)",
                        "S=16    recomputeToNone 1.400 (bar 1.360, MISSED)",
                        "1 of 2 bars hold");
    }

    @Test
    void without_bars_none_is_counted() {
        assertThat(new BenchTable(List.of(Row.of("a", "b", 1, "GB/s"))).lines()).containsExactly("a  b 1.000 GB/s");
    }
}
