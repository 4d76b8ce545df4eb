package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExponentialTest {
    @Test
    void is_within_its_rounding_wherever_the_result_is_normal() {
        for (float x = -87.2f; x < 88.2f; x += 0.001f) {
            // The second term is what rounding ln 2 to a float costs.
            assertThat(Math.abs(Exponential.of(x) / Math.exp(x) - 1)).isLessThan(1.2e-7 + 2.8e-9 * Math.abs(x));
        }
    }

    @Test
    void vector_and_scalar_give_the_same_bits() {
        for (float x = -120; x < 120; x += 0.0137f) {
            assertThat(Exponential.of(Floats.all(x)).lane(Floats.WIDTH - 1)).isEqualTo(Exponential.of(x));
        }
    }

    @Test
    void ends_are_held_and_nan_stays() {
        assertThat(Exponential.of(0f)).isEqualTo(1f);
        assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isBetween(0f, 2e-38f);
        assertThat(Exponential.of(Float.POSITIVE_INFINITY)).isGreaterThan(1e38f).isFinite();
        assertThat(Exponential.of(Float.NaN)).isNaN();
        assertThat(Exponential.of(Floats.all(Float.NaN)).lane(0)).isNaN();
    }
}
