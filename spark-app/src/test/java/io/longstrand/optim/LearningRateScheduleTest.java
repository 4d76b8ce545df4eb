package io.longstrand.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.optim.LearningRateSchedule.Kind;
import org.junit.jupiter.api.Test;

class LearningRateScheduleTest {
    private static LearningRateSchedule schedule(Kind kind) {
        return new LearningRateSchedule(kind, 0.008, 4, 12, 0.25);
    }

    @Test
    void warm_up_rises_linearly_to_the_peak() {
        for (Kind kind : Kind.values()) {
            assertThat(schedule(kind).rate(1)).isEqualTo(0.002, within(1e-15));
            assertThat(schedule(kind).rate(2)).isEqualTo(0.004, within(1e-15));
            assertThat(schedule(kind).rate(4)).isEqualTo(0.008, within(1e-15));
        }
    }

    @Test
    void cosine_is_half_way_down_in_the_middle_and_stays_at_the_minimum() {
        assertThat(schedule(Kind.COSINE).rate(8)).isEqualTo(0.005, within(1e-15));
        assertThat(schedule(Kind.COSINE).rate(6)).isEqualTo(0.002 + 0.003 * (1 + Math.sqrt(0.5)), within(1e-15));
        assertThat(schedule(Kind.COSINE).rate(12)).isEqualTo(0.002, within(1e-15));
        assertThat(schedule(Kind.COSINE).rate(100)).isEqualTo(0.002, within(1e-15));
    }

    @Test
    void linear_falls_by_the_same_amount_each_step() {
        assertThat(schedule(Kind.LINEAR).rate(5)).isEqualTo(0.00725, within(1e-15));
        assertThat(schedule(Kind.LINEAR).rate(8)).isEqualTo(0.005, within(1e-15));
        assertThat(schedule(Kind.LINEAR).rate(13)).isEqualTo(0.002, within(1e-15));
    }

    @Test
    void constant_stays_at_the_peak() {
        assertThat(schedule(Kind.CONSTANT).rate(5)).isEqualTo(0.008);
        assertThat(schedule(Kind.CONSTANT).rate(1000)).isEqualTo(0.008);
    }

    @Test
    void without_warm_up_the_first_step_is_the_beginning_of_the_descent() {
        LearningRateSchedule linear = new LearningRateSchedule(Kind.LINEAR, 1, 0, 10, 0);
        assertThat(linear.rate(1)).isEqualTo(0.9, within(1e-15));
    }

    @Test
    void a_warm_up_as_long_as_the_schedule_has_no_descent_to_divide_by() {
        LearningRateSchedule schedule = new LearningRateSchedule(Kind.COSINE, 1, 5, 5, 0.1);
        assertThat(schedule.rate(4)).isEqualTo(0.8, within(1e-15));
        assertThat(schedule.rate(5)).isEqualTo(0.1, within(1e-15));
    }
}
