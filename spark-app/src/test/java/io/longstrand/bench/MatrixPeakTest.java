package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.plan.ProductShape;
import java.util.List;
import org.junit.jupiter.api.Test;

class MatrixPeakTest {
    private static final ProductShape SQUARE = ProductShape.all().get(0);

    @Test
    void the_peak_is_the_best_over_libraries_and_shapes() {
        MatrixPeak.Rate best =
                new MatrixPeak.Rate("OpenBLAS", ProductShape.all().get(1), 3);
        assertThat(MatrixPeak.best(List.of(
                        new MatrixPeak.Rate("oneDNN", SQUARE, 2), best, new MatrixPeak.Rate("libtorch", SQUARE, 1))))
                .isEqualTo(best);
    }

    @Test
    void shapes_hold_squares_an_mlp_and_a_tile_of_attention() {
        assertThat(ProductShape.all()).extracting(ProductShape::kind).contains("square", "mlp", "attention");
        assertThat(new ProductShape("square", 2, 3, 5, 7).flops()).isEqualTo(2 * 2 * 3 * 5 * 7);
    }
}
