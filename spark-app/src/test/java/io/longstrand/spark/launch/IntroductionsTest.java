package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.config.CommSection;
import io.longstrand.config.CommSection.Transport;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntroductionsTest {
    private static final Card CARD = new Card("GPU-1", 12_060, "2.23.4", "");
    private static final Card OTHER = new Card("GPU-2", 12_040, "2.23.4", "");

    private final Introduction first = rank("a", "1.0 77", "cafe", "0");

    @Test
    void an_introduction_reads_back_as_it_was_written() {
        Introduction own = Introduction.of(new PeerAddress("fe80::1", 5000), "train.steps = 4", "", CARD);

        assertThat(Introduction.parse(own.text())).isEqualTo(own);
        assertThat(own.settings()).hasSize(64);
        assertThat(own.build()).isNotBlank();
    }

    @Test
    void ranks_alike_with_gpus_of_their_own_are_accepted() {
        assertThatCode(() -> check(List.of(first, rank("a", "1.0 77", "cafe", "1"), rank("b", "1.0 77", "cafe", "0"))))
                .doesNotThrowAnyException();
    }

    @Test
    void ranks_without_gpus_are_accepted() {
        Introduction without = rank("a", "1.0 77", "cafe", "");

        assertThatCode(() -> check(List.of(without, without))).doesNotThrowAnyException();
    }

    @Test
    void another_build_is_refused_naming_both_ranks() {
        assertThatThrownBy(() -> check(List.of(first, rank("b", "1.0 78", "cafe", "0"))))
                .isInstanceOf(UserError.class)
                .hasMessage("rank 1 (b) runs another build of Longstrand than rank 0 (a): 1.0 78 there, 1.0 77 here;"
                        + " give every executor the same longstrand.jar");
    }

    @Test
    void another_configuration_is_refused_naming_both_ranks() {
        assertThatThrownBy(
                        () -> check(List.of(first, rank("a", "1.0 77", "cafe", "1"), rank("b", "1.0 77", "beef", "0"))))
                .isInstanceOf(UserError.class)
                .hasMessage("rank 2 (b) has another configuration than rank 0 (a) (SHA-256 beef there, cafe here);"
                        + " start every rank with the same one");
    }

    @Test
    void two_ranks_of_a_host_with_one_gpu_are_refused_naming_both() {
        assertThatThrownBy(
                        () -> check(List.of(first, rank("b", "1.0 77", "cafe", "0"), rank("a", "1.0 77", "cafe", "0"))))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("ranks 0 and 2 on a were both given GPU 0; ");
    }

    @Test
    void executors_with_another_build_than_the_driver_are_refused() {
        assertThatThrownBy(() -> Introductions.check(List.of(first, rank("b", "1.0 77", "cafe", "0")), "1.0 79"))
                .isInstanceOf(UserError.class)
                .hasMessage("rank 0 (a) runs another build of Longstrand than the driver: 1.0 77 there, 1.0 79 here;"
                        + " give every executor the driver's longstrand.jar");
    }

    @Test
    void two_ranks_that_compute_on_one_gpu_are_refused_whatever_number_they_know_it_by() {
        assertThatThrownBy(() -> check(List.of(rank("a", CARD), rank("b", OTHER), rank("a", CARD))))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("ranks 0 and 2 on a compute on one GPU, GPU-1; let Spark give each rank one");
    }

    @Test
    void a_rank_on_its_processor_beside_ranks_on_gpus_is_refused() {
        assertThatThrownBy(() -> check(List.of(rank("a", CARD), rank("b", Card.NONE))))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("rank 1 (b) computes on its processor where rank 0 (a) computes on a GPU;");
    }

    @Test
    void what_is_known_of_a_gpu_that_is_not_there_is_told() {
        Card missing = new Card("", 0, "", "GPU 3: CUDA says invalid device ordinal");

        assertThatThrownBy(() -> check(List.of(rank("a", CARD), rank("b", missing))))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("rank 1 (b) computes on its processor (GPU 3: CUDA says invalid device ordinal)"
                        + " where rank 0 (a) computes on a GPU;");
    }

    @Test
    void tensors_go_by_nccl_where_every_rank_has_a_gpu_and_otherwise_by_tcp() {
        assertThat(betweenDevices(Transport.AUTO, CARD, OTHER)).isTrue();
        assertThat(betweenDevices(Transport.NCCL, CARD, OTHER)).isTrue();
        assertThat(betweenDevices(Transport.AUTO, Card.NONE, Card.NONE)).isFalse();
        assertThat(betweenDevices(Transport.TCP, CARD, OTHER)).isFalse();
    }

    @Test
    void nccl_without_a_gpu_is_refused() {
        assertThatThrownBy(() -> betweenDevices(Transport.NCCL, CARD, Card.NONE))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage("comm.transport=nccl sends from GPU to GPU, and rank 1 (host1) computes on its processor;"
                        + " start with LONGSTRAND_PROFILE=cuda on machines with NVIDIA GPUs, or set"
                        + " comm.transport=tcp");
    }

    @Test
    void gpus_without_nccl_are_refused_instead_of_sending_the_slow_way() {
        Card without = new Card("GPU-3", 12_060, "", "NCCL does not load: no jninccl");

        assertThatThrownBy(() -> betweenDevices(Transport.AUTO, CARD, without))
                .isInstanceOf(EnvironmentError.class)
                .hasMessage("rank 1 (host1) cannot use NCCL: NCCL does not load: no jninccl; start with"
                        + " LONGSTRAND_PROFILE=cuda, or set comm.transport=tcp");
    }

    @Test
    void versions_of_nccl_that_differ_are_refused_naming_both() {
        assertThatThrownBy(() -> betweenDevices(Transport.AUTO, CARD, new Card("GPU-3", 12_060, "2.20.5", "")))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith(
                        "rank 1 (host1) has NCCL 2.20.5 and rank 0 (host0) has NCCL 2.23.4; give every");
    }

    @Test
    void a_driver_too_old_is_refused_naming_what_it_runs_and_what_is_needed() {
        assertThatThrownBy(() -> betweenDevices(Transport.AUTO, CARD, new Card("GPU-3", 11_080, "2.23.4", "")))
                .isInstanceOf(EnvironmentError.class)
                .hasMessageStartingWith("rank 1 (host1) has an NVIDIA driver for CUDA 11.8, and NCCL 2.23.4 needs one"
                        + " for CUDA 12.0 or newer; update the driver there");
    }

    private static void check(List<Introduction> ranks) {
        Introductions.check(ranks, "1.0 77");
    }

    private static Introduction rank(String host, String build, String settings, String gpu) {
        return new Introduction(new PeerAddress(host, 4000), build, settings, gpu, Card.NONE);
    }

    private static Introduction rank(String host, Card card) {
        return new Introduction(new PeerAddress(host, 4000), "1.0 77", "cafe", "", card);
    }

    private static boolean betweenDevices(Transport transport, Card... cards) {
        return Introductions.betweenDevices(
                List.of("host0", "host1"),
                List.of(cards),
                new CommSection(transport, Duration.ofMinutes(1), CommSection.Encryption.AUTO));
    }
}
