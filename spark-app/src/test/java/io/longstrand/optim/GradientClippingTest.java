package io.longstrand.optim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GradientClippingTest {
    @Test
    void a_long_gradient_is_scaled_to_the_maximum() {
        assertThat(new GradientClipping(1).factor(4)).isEqualTo(0.25);
    }

    @Test
    void a_short_gradient_is_left_alone() {
        assertThat(new GradientClipping(1).factor(0.5)).isEqualTo(1);
        assertThat(new GradientClipping(1).factor(0)).isEqualTo(1);
    }

    @Test
    void a_maximum_of_zero_clips_nothing() {
        assertThat(new GradientClipping(0).factor(1e9)).isEqualTo(1);
    }
}
