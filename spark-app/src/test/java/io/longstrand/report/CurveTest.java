package io.longstrand.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CurveTest {
    @Test
    void a_short_curve_keeps_its_points() {
        Curve curve = Curve.of("c", List.of(1, 2, 5), Integer::longValue, x -> 2 * x);
        assertThat(curve.x()).containsExactly(1, 2, 5);
        assertThat(curve.y()).containsExactly(2, 4, 10);
    }

    @Test
    void a_long_curve_becomes_means_that_cover_every_point() {
        List<Integer> steps = IntStream.rangeClosed(1, 1001).boxed().toList();
        Curve curve = Curve.of("c", steps, Integer::longValue, x -> x);
        assertThat(curve.x()).hasSize(400).isSorted().endsWith(1001);
        assertThat(curve.y()).startsWith(1.5).endsWith(1000);
    }
}
