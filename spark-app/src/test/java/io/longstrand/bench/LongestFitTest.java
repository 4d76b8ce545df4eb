package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LongestFitTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 15, 16, 17, 31, 32, 100, 1000, 24_000, 1_000_003})
    void the_longest_multiple_of_the_step_that_fits_is_found(int limit) {
        assertThat(new LongestFit(16).search(length -> length <= limit)).isEqualTo(limit / 16 * 16);
    }
}
