package io.longstrand.plan.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.UserError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterProfileTest {
    private final ClusterProfile a100 = ClusterProfile.named("a100-40g");

    @Test
    void every_profile_is_found_by_its_name() {
        assertThat(ClusterProfile.all())
                .extracting(ClusterProfile::name)
                .containsExactly("a100-40g", "a100-80g", "h100-80g");
        for (ClusterProfile profile : ClusterProfile.all()) {
            assertThat(ClusterProfile.named(profile.name())).isEqualTo(profile);
        }
    }

    @Test
    void an_unknown_name_is_answered_with_those_there_are() {
        assertThatThrownBy(() -> ClusterProfile.named("a100"))
                .isInstanceOf(UserError.class)
                .hasMessage("no cluster is called 'a100'; there are a100-40g, a100-80g, h100-80g");
    }

    @Test
    void a_rank_has_one_gpu_and_an_equal_share_of_its_nodes_memory() {
        assertThat(a100.budget().deviceBytes()).isLessThan(40L << 30).isGreaterThan(36L << 30);
        assertThat(a100.budget().hostBytes() * a100.gpusPerNode()).isLessThan(a100.hostBytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 16, 32, 128})
    void whole_nodes_and_equal_parts_of_one_are_taken(int gpus) {
        assertThatCode(() -> a100.checkGpus(gpus)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"3, 8 would do", "12, 8 or 16 would do", "100, 96 or 104 would do"})
    void other_numbers_are_answered_with_those_that_are_near(int gpus, String near) {
        assertThatThrownBy(() -> a100.checkGpus(gpus))
                .isInstanceOf(UserError.class)
                .hasMessage(
                        "--gpus " + gpus + ": a100-40g has 8 GPUs a node, and ranks fill whole nodes or an equal part"
                                + " of one; " + near);
    }

    @Test
    void rings_over_nodes_go_through_every_adapter_and_no_faster_than_inside_a_node() {
        assertThat(a100.ringBandwidth(1)).isEqualTo(a100.linkBetweenNodes());
        assertThat(a100.ringBandwidth(8)).isEqualTo(8 * a100.linkBetweenNodes());
        assertThat(a100.ringBandwidth(100)).isEqualTo(a100.linkInNode());
    }

    @Test
    void parts_of_a_step_take_as_long_as_peaks_and_rates_say() {
        Rates rates = new Rates(0.5, 0.25, 0.8, 0.5);

        assertThat(rates.productSeconds(a100, a100.peakFlops())).isCloseTo(2, within(1e-9));
        assertThat(rates.attentionSeconds(a100, a100.peakFlops())).isCloseTo(4, within(1e-9));
        assertThat(rates.linkSeconds(8e9, 10e9)).isCloseTo(1, within(1e-9));
        assertThat(rates.hostSeconds(a100, a100.hostLink())).isCloseTo(2, within(1e-9));
        assertThat(new StepTime(1, 2, 3, 4, 5).seconds()).isEqualTo(15);
    }
}
