package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.DirectMemory;
import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunFinished;
import io.longstrand.spark.plugin.RankFailure;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import io.longstrand.train.StopAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real barrier stages on two slots of this JVM. */
class RankLauncherTest {
    private static JavaSparkContext spark;

    private final Recording heard = new Recording();

    @BeforeAll
    static void start() {
        SparkConf conf = new SparkConf().setMaster("local[2]").setAppName("RankLauncherTest");
        spark = new JavaSparkContext(SparkOpener.configuration(conf));
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    @Test
    void results_come_back_by_rank_and_ranks_share_the_processors() {
        List<String> results = launcher()
                .launch(2, place -> place.rank() + " of " + place.world().size() + " on " + place.threads(), heard);

        assertThat(results).containsExactly("0 of 2 on 1", "1 of 2 on 1");
    }

    @Test
    void ranks_of_one_process_reach_each_other() {
        List<Float> sums = launcher()
                .launch(
                        2,
                        place -> {
                            Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, 1);
                            tensor.hostBytes().putFloat(0, place.rank() + 1f);
                            place.world().all().allReduce(tensor);
                            return tensor.hostBytes().getFloat(0);
                        },
                        heard);

        assertThat(sums).containsExactly(3f, 3f);
        assertThat(heard.placed).containsExactlyInAnyOrder("rank 0 on driver", "rank 1 on driver");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void ranks_that_shall_talk_by_nccl_and_have_no_gpu_are_refused_in_one_line(int ranks) {
        RankLauncher launcher = new RankLauncher(
                spark,
                new CommSection(CommSection.Transport.NCCL, Duration.ofSeconds(20), CommSection.Encryption.AUTO));

        assertThatThrownBy(() -> launcher.launch(ranks, new OnCpu(), heard))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("comm.transport=nccl sends from GPU to GPU, and rank 0 (")
                .hasMessageContaining(") computes on its processor; start with LONGSTRAND_PROFILE=cuda");
    }

    /** Opens a backend of which no rank has a GPU. */
    private static final class OnCpu implements RankWork<String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String run(RankPlace place) {
            return "";
        }

        @Override
        public String computesWith() {
            return "cpu";
        }
    }

    @Test
    void a_single_rank_gets_all_processors() {
        assertThat(launcher().launch(1, RankPlace::threads, heard)).containsExactly(2);
    }

    @Test
    void heartbeats_reach_the_driver_and_its_answer_the_rank() {
        heard.answer = StopAnswer.CHECKPOINT;

        List<String> answers =
                launcher().launch(1, place -> place.driver().heartbeat(7).name(), heard);

        assertThat(answers).containsExactly("CHECKPOINT");
        assertThat(heard.beats).containsExactly("rank 0 step 7");
    }

    @Test
    void events_have_arrived_in_order_when_the_launch_returns() {
        launcher()
                .launch(
                        1,
                        place -> {
                            for (int step = 0; step < 100; step++) {
                                place.driver().event(new RunFinished(0, step, false, 0, ""));
                            }
                            return 0;
                        },
                        heard);

        assertThat(heard.events).hasSize(100).extracting(RunEvent::step).isSorted();
    }

    @Test
    void the_earliest_failure_is_raised_naming_rank_host_and_cause() {
        assertThatThrownBy(() -> launcher()
                        .launch(
                                2,
                                place -> {
                                    Thread.sleep(place.rank() == 1 ? 0 : 300);
                                    throw new IllegalStateException("rank " + place.rank() + " broke");
                                },
                                heard))
                .isInstanceOf(RankException.class)
                .hasMessageContaining("rank 1 of 2 on 127.0.0.1")
                .hasMessageContaining("rank 1 broke");
        assertThat(heard.failures.get(0).stackTrace()).contains("IllegalStateException", "RankLauncherTest");
    }

    @Test
    void a_rank_that_tells_after_spark_has_given_up_is_heard() {
        assertThatThrownBy(() -> launcher()
                        .launch(
                                2,
                                place -> {
                                    Thread.sleep(place.rank() == 1 ? 0 : 1000);
                                    throw new RunFailure("rank " + place.rank() + " broke", null);
                                },
                                heard))
                .isInstanceOf(RunFailure.class)
                .hasMessageContaining("rank 1 broke");
        assertThat(heard.failures).extracting(RankFailure::rank).containsExactly(1, 0);
    }

    @Test
    void errors_of_the_user_the_machine_and_the_run_stay_what_they_are() {
        RankLauncher launcher = launcher();

        assertThatThrownBy(() -> launcher.launch(
                        1,
                        place -> {
                            throw new UserError("genome.fa: no such file");
                        },
                        heard))
                .isInstanceOf(UserError.class)
                .hasMessage("genome.fa: no such file");
        assertThatThrownBy(() -> launcher.launch(
                        1,
                        place -> {
                            throw new EnvironmentError("no GPU");
                        },
                        heard))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage("no GPU (on 127.0.0.1)");
        assertThatThrownBy(() -> launcher.launch(
                        1,
                        place -> {
                            throw new RunFailure("loss is NaN at step 3");
                        },
                        heard))
                .isInstanceOf(RunFailure.class)
                .hasMessage("rank 0 of 1 on 127.0.0.1: loss is NaN at step 3");
    }

    @Test
    void missing_slots_are_told_within_seconds() {
        long start = System.nanoTime();

        assertThatThrownBy(() -> launcher().launch(3, RankPlace::rank, heard))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageContaining("3 ranks need 3 slots at once, and local[2] has 2");
        assertThat((System.nanoTime() - start) / 1e9).isLessThan(5);
    }

    @Test
    void nothing_listens_beyond_this_machine() {
        SparkConf conf = SparkOpener.configuration(new SparkConf(false));

        assertThat(conf.get("spark.ui.enabled")).isEqualTo("false");
        assertThat(conf.get("spark.driver.bindAddress")).isEqualTo("127.0.0.1");
        assertThat(conf.get("spark.driver.host")).isEqualTo("127.0.0.1");
    }

    @Test
    void the_secret_of_a_standalone_cluster_comes_from_the_environment() {
        SparkConf conf = SparkOpener.configuration(new SparkConf(false), Map.of("_SPARK_AUTH_SECRET", "word"));

        assertThat(conf.get("spark.authenticate.secret")).isEqualTo("word");
    }

    @Test
    void a_cluster_keeps_its_own_settings() {
        SparkConf given = new SparkConf(false)
                .setMaster("spark://head:7077")
                .set("spark.plugins", "org.example.Other")
                .set("spark.barrier.sync.timeout", "60");

        SparkConf conf = SparkOpener.configuration(given);

        assertThat(conf.contains("spark.driver.host")).isFalse();
        assertThat(conf.get("spark.barrier.sync.timeout")).isEqualTo("60");
        assertThat(conf.get("spark.plugins"))
                .isEqualTo("org.example.Other,io.longstrand.spark.plugin.LongstrandPlugin");
    }

    private static RankLauncher launcher() {
        return new RankLauncher(
                spark, new CommSection(CommSection.Transport.TCP, Duration.ofSeconds(20), CommSection.Encryption.AUTO));
    }

    private static final class Recording implements RankListener {
        private final List<String> beats = Collections.synchronizedList(new ArrayList<>());
        private final List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        private final List<RankFailure> failures = Collections.synchronizedList(new ArrayList<>());
        private final List<String> placed = Collections.synchronizedList(new ArrayList<>());
        private volatile StopAnswer answer = StopAnswer.GO_ON;

        @Override
        public StopAnswer heartbeat(int rank, long step) {
            beats.add("rank " + rank + " step " + step);
            return answer;
        }

        @Override
        public void event(int rank, RunEvent event) {
            events.add(event);
        }

        @Override
        public void placed(int rank, String executor, String host, long process) {
            placed.add("rank " + rank + " on " + executor);
        }

        @Override
        public void failed(RankFailure failure) {
            failures.add(failure);
        }
    }
}
