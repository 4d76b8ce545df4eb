package io.longstrand.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BaselineTableTest {
    @Test
    void the_model_stands_among_the_count_models_best_first() {
        assertThat(BaselineTable.of(1.7604, 165_298, Map.of("2-bit", 2.0, "order-6", 1.83, "oracle", 1.5))
                        .text()
                        .lines())
                .containsExactly(
                        "held-out bits/base over 165,298 bases, best first",
                        "   oracle      1.500  -0.260",
                        " > this model  1.760",
                        "   order-6     1.830  +0.070",
                        "   2-bit       2.000  +0.240");
    }
}
