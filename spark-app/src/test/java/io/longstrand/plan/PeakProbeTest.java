package io.longstrand.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import org.junit.jupiter.api.Test;

class PeakProbeTest {
    @Test
    void the_rate_of_tiles_on_several_lanes_is_measured_in_bfloat16_too() {
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(2))) {
            ProductShape tiles = new ProductShape("attention", 8, 8, 8, 4);
            assertThat(new PeakProbe().flopsPerSecond(backend, DataType.BFLOAT16, tiles))
                    .isPositive();
        }
    }

    @Test
    void a_rate_counts_every_repeat_but_the_first() {
        int[] calls = new int[1];
        double perSecond = new SustainedRate().of(1, () -> {
            calls[0]++;
            sleep(30);
        });
        // One to warm up, then two stretches of 50 ms; a sleep may take longer than asked, never shorter.
        assertThat(calls[0]).isBetween(3, 5);
        assertThat(perSecond).isBetween(1.0, 1000.0 / 30);
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
