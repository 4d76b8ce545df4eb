package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExponentialTest {
    @Test
    void is_within_two_units_in_the_last_place_wherever_the_result_is_normal() {
        double worst = 0;
        for (float x = -87.2f; x < 88.2f; x += 0.001f) {
            worst = Math.max(worst, Math.abs(Exponential.of(x) / Math.exp(x) - 1));
        }
        assertThat(worst).isLessThan(2.4e-7);
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
