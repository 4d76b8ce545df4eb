package io.longstrand.spark.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class IntroductionsTest {
    private final Introduction first = rank("a", "1.0 77", "cafe", "0");

    @Test
    void an_introduction_reads_back_as_it_was_written() {
        Introduction own = Introduction.of(new PeerAddress("fe80::1", 5000), "train.steps = 4", "");

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

    private static void check(List<Introduction> ranks) {
        Introductions.check(ranks, "1.0 77");
    }

    private static Introduction rank(String host, String build, String settings, String gpu) {
        return new Introduction(new PeerAddress(host, 4000), build, settings, gpu);
    }
}
