package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.config.RunFailure;
import io.longstrand.spark.plugin.RankFailure;
import java.time.Duration;
import java.util.Set;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.Test;

/** What the driver makes of ranks that are lost: how long it waits for the others, and when nothing had begun. */
class LaunchWatchTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(200);

    private final LaunchWatch watch = new LaunchWatch(3, new Unheard());

    @Test
    void nobody_is_waited_for_when_no_rank_began() {
        assertThat(waited(LONG, LONG)).isLessThan(LONG);
    }

    @Test
    void the_first_to_tell_has_more_time_than_those_after_it() {
        place(0, 1, 2);
        in(SHORT.multipliedBy(2), () -> fail(0));

        assertThat(waited(LONG, SHORT)).isGreaterThan(SHORT.multipliedBy(2)).isLessThan(LONG);
        assertThat(still(SHORT)).extracting(LaunchWatch.Place::process).containsExactlyInAnyOrder(101L, 102L);
    }

    @Test
    void the_wait_ends_with_the_last_rank() {
        place(0, 1, 2);
        fail(2);
        watch.left(1);
        in(SHORT, () -> fail(0));

        assertThat(waited(LONG, LONG)).isLessThan(LONG);
        assertThat(still(LONG)).isEmpty();
    }

    @Test
    void a_launch_in_which_nobody_tells_is_given_up_after_the_time_to_tell() {
        place(0, 1, 2);

        assertThat(waited(SHORT, LONG)).isBetween(SHORT, LONG);
        assertThat(still(SHORT)).hasSize(3);
    }

    @Test
    void a_launch_is_a_false_start_when_an_executor_was_lost_before_its_rank_began() {
        place(0, 1);
        fail(0); // which met with the loss

        assertThat(watch.isFalseStart()).isFalse();

        lose("2");

        assertThat(watch.isFalseStart()).isTrue();
    }

    @Test
    void a_launch_is_no_false_start_once_every_rank_began() {
        place(0, 1, 2);
        lose("2");

        assertThat(watch.isFalseStart()).isFalse();
    }

    private void lose(String executor) {
        watch.onExecutorRemoved(new SparkListenerExecutorRemoved(0, executor, "Command exited with code 137"));
    }

    private void place(int... ranks) {
        for (int rank : ranks) {
            watch.placed(rank, "" + rank, "node", 100 + rank);
        }
    }

    private void fail(int rank) {
        watch.failed(RankFailure.of(rank, "node", new RunFailure("communication failed", null)));
    }

    private Set<LaunchWatch.Place> still(Duration patience) {
        return watch.awaitEnd(patience, patience);
    }

    private Duration waited(Duration telling, Duration ending) {
        long began = System.nanoTime();
        watch.awaitEnd(telling, ending);
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private static void in(Duration time, Runnable what) {
        Thread thread = new Thread(() -> {
            try {
                Thread.sleep(time.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            what.run();
        });
        thread.setDaemon(true);
        thread.start();
    }
}
