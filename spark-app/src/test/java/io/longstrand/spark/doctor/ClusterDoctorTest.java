package io.longstrand.spark.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.config.CommSection;
import io.longstrand.spark.launch.ExecutorJvms;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every rank is looked at, on executors of their own, and what is wrong on one does not hide the others. */
class ClusterDoctorTest {
    private static ExecutorJvms executors;

    private final List<String> told = new ArrayList<>();

    @BeforeAll
    static void start() throws IOException {
        executors = ExecutorJvms.start(2);
    }

    @AfterAll
    static void stop() {
        executors.close();
    }

    private ClusterReport run(String backend, OptionalInt ranks) {
        return run(CommSection.Transport.TCP, backend, ranks);
    }

    private ClusterReport run(CommSection.Transport transport, String backend, OptionalInt ranks) {
        CommSection comm = new CommSection(transport, Duration.ofMinutes(1), CommSection.Encryption.AUTO);
        return new ClusterDoctor(executors.spark(), comm).run(backend, ranks, true, told::add);
    }

    @Test
    void every_executor_has_a_row_with_what_its_device_computes_and_what_all_add_up_together() {
        ClusterReport report = run("cpu", OptionalInt.empty());

        assertThat(report.faults()).isEmpty();
        assertThat(report.healthy()).isTrue();
        assertThat(report.ranks()).extracting(RankReport::rank).containsExactly(0, 1);
        assertThat(report.ranks()).extracting(RankReport::executor).doesNotHaveDuplicates();
        assertThat(report.ranks()).allSatisfy(rank -> {
            assertThat(rank.allReduce()).isPositive();
            assertThat(rank.found()).hasValueSatisfying(found -> {
                assertThat(found.backend()).isEqualTo("cpu");
                assertThat(found.kernels()).hasSizeGreaterThan(35);
                assertThat(found.rates()).hasSize(5);
            });
        });
        assertThat(told)
                .singleElement()
                .asString()
                .startsWith("looking at 2 ranks of local-cluster[2,1,1024], all at once");
        assertThat(new ClusterTable(report).lines())
                .anySatisfy(line -> assertThat(line).matches("0 +127\\.0\\.0\\.1 .* cpu .*oneDNN.*"))
                .anySatisfy(line -> assertThat(line).matches("1 +127\\.0\\.0\\.1 .* cpu .*oneDNN.*"))
                .contains("Every kernel computes what it should on every rank.");
    }

    @Test
    void one_rank_alone_adds_nothing_up() {
        ClusterReport report = run("cpu", OptionalInt.of(1));

        assertThat(report.ranks()).singleElement().satisfies(rank -> assertThat(rank.allReduce())
                .isZero());
        assertThat(report.healthy()).isTrue();
    }

    @Test
    void ranks_that_cannot_talk_as_they_should_are_looked_at_all_the_same() {
        ClusterReport report = run(CommSection.Transport.NCCL, "cpu", OptionalInt.of(2));

        assertThat(report.healthy()).isFalse();
        assertThat(report.faults())
                .singleElement()
                .asString()
                .startsWith("all ranks together: comm.transport=nccl sends from GPU to GPU, and rank 0");
        assertThat(report.ranks()).hasSize(2).allSatisfy(rank -> assertThat(rank.found())
                .isPresent());
    }

    @Test
    void a_backend_that_cannot_run_there_is_told_of_each_rank() {
        ClusterReport report = run("nowhere", OptionalInt.of(2));

        assertThat(report.healthy()).isFalse();
        assertThat(report.faults())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("rank 0 on 127.0.0.1: backend nowhere is not on the class path; there are [");
        assertThat(report.ranks())
                .allSatisfy(rank -> assertThat(rank.allReduce()).isPositive());
    }
}
