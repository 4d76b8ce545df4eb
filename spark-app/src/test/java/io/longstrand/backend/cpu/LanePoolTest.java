package io.longstrand.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanePoolTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void every_task_runs_once_on_a_lane_of_the_pool(int lanes) {
        try (LanePool pool = new LanePool(lanes)) {
            for (int tasks : new int[] {0, 1, 2, 5, 1000}) {
                AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, tasks));
                pool.parallel(tasks, (task, lane) -> {
                    assertThat(lane).isBetween(0, lanes - 1);
                    runs.incrementAndGet((int) task);
                });
                for (int i = 0; i < tasks; i++) {
                    assertThat(runs.get(i)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void calls_inside_a_task_stay_on_its_lane() {
        try (LanePool pool = new LanePool(3)) {
            pool.parallel(50, (task, lane) -> {
                Thread thread = Thread.currentThread();
                pool.parallel(4, (inner, innerLane) -> {
                    assertThat(innerLane).isEqualTo(lane);
                    assertThat(Thread.currentThread()).isSameAs(thread);
                });
            });
        }
    }

    @Test
    void a_failure_reaches_the_caller_and_the_pool_goes_on() {
        try (LanePool pool = new LanePool(2)) {
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> pool.parallel(100, (task, lane) -> {
                            if (task == 17) {
                                throw new IllegalStateException("task 17");
                            }
                        }))
                        .hasMessage("task 17");
                AtomicInteger runs = new AtomicInteger();
                pool.parallel(100, (task, lane) -> runs.incrementAndGet());
                assertThat(runs).hasValue(100);
            }
        }
    }

    @Test
    void an_error_in_a_task_reaches_the_caller_too() {
        try (LanePool pool = new LanePool(2)) {
            assertThatThrownBy(() -> pool.parallel(8, (task, lane) -> {
                        throw new AssertionError("broken");
                    }))
                    .isInstanceOf(AssertionError.class);
        }
    }

    @Test
    void sleeping_lanes_wake_up() throws InterruptedException {
        try (LanePool pool = new LanePool(2)) {
            for (int i = 0; i < 30; i++) {
                AtomicLong sum = new AtomicLong();
                pool.parallel(64, (task, lane) -> sum.addAndGet(task));
                assertThat(sum).hasValue(64 * 63 / 2);
                Thread.sleep(3);
            }
        }
    }

    @Test
    void ranges_cover_all_units_in_pieces_of_the_grain() {
        try (LanePool pool = new LanePool(2)) {
            AtomicIntegerArray seen = new AtomicIntegerArray(103);
            pool.ranges(103, 10, (from, end, lane) -> {
                assertThat(from % 10).isZero();
                for (long i = from; i < end; i++) {
                    seen.incrementAndGet((int) i);
                }
            });
            for (int i = 0; i < 103; i++) {
                assertThat(seen.get(i)).isEqualTo(1);
            }
        }
    }

    @Test
    void a_closed_pool_refuses_work() {
        LanePool pool = new LanePool(2);
        pool.close();
        assertThatThrownBy(() -> pool.parallel(2, (task, lane) -> {})).hasMessageContaining("closed");
    }
}
