package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuantityTest {
    private final Quantity quantity = new Quantity();

    @Test
    void counts_have_three_digits_and_small_ones_are_exact() {
        assertThat(quantity.count(0)).isEqualTo("0");
        assertThat(quantity.count(999)).isEqualTo("999");
        assertThat(quantity.count(1_652_982)).isEqualTo("1.65M");
        assertThat(quantity.count(12_345)).isEqualTo("12.3k");
        assertThat(quantity.count(999_600)).isEqualTo("1.00M");
        assertThat(quantity.count(-12_345)).isEqualTo("-12.3k");
    }

    @Test
    void bytes_and_rates_have_units() {
        assertThat(quantity.bytes(512L << 20)).isEqualTo("512 MiB");
        assertThat(quantity.bytes(3)).isEqualTo("3 B");
        assertThat(quantity.flops(9.87e9)).isEqualTo("9.87 GFLOP/s");
    }

    @Test
    void durations_show_two_units() {
        assertThat(quantity.duration(0.4)).isEqualTo("0s");
        assertThat(quantity.duration(59.6)).isEqualTo("1m 00s");
        assertThat(quantity.duration(3725)).isEqualTo("1h 02m");
    }
}
