package io.longstrand.plan.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.plan.cluster.ClusterProfile;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LengthFitTest {
    private static final double QUARTER = 0.25;

    private final ClusterProfile cluster = ClusterProfile.named("a100-40g");
    private final LengthFit fit = new LengthFit(cluster, "25B");
    private final List<PublishedLength> published = PublishedLength.all();

    @Test
    void all_eighteen_lengths_are_there() {
        assertThat(published).hasSize(18).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @EnumSource(PeerSystem.class)
    void the_lengths_that_were_fitted_are_met_within_a_tenth(PeerSystem system) {
        PeerConstants constants = fit.of(system, published);

        assertThat(published)
                .filteredOn(length ->
                        length.system() == system && length.model().name().equals("25B"))
                .hasSize(3)
                .allSatisfy(length -> assertThat(ratio(length, constants)).isCloseTo(1, within(0.1)));
    }

    @ParameterizedTest
    @EnumSource(PeerSystem.class)
    void no_length_of_the_other_model_changes_a_constant(PeerSystem system) {
        List<PublishedLength> changed = published.stream()
                .map(length -> length.model().name().equals("33B")
                        ? new PublishedLength(length.system(), length.model(), length.gpus(), 3 * length.tokens())
                        : length)
                .toList();

        assertThat(fit.of(system, changed)).isEqualTo(fit.of(system, published));
    }

    @Test
    void a_length_of_the_fitted_model_does_change_them() {
        List<PublishedLength> changed = published.stream()
                .map(length -> new PublishedLength(length.system(), length.model(), length.gpus(), length.tokens() / 2))
                .toList();

        assertThat(fit.of(PeerSystem.MEGATRON_LM, changed)).isNotEqualTo(fit.of(PeerSystem.MEGATRON_LM, published));
    }

    @Test
    void all_but_two_lengths_of_the_other_model_are_predicted_within_a_quarter() {
        assertThat(published)
                .filteredOn(length -> length.model().name().equals("33B"))
                .filteredOn(length -> Math.abs(ratio(length, fit.of(length.system(), published)) - 1) > QUARTER)
                .extracting(PublishedLength::system, PublishedLength::gpus)
                .containsExactlyInAnyOrder(
                        tuple(PeerSystem.MEGATRON_LM, 32), tuple(PeerSystem.MEGATRON_DEEPSPEED_2022, 128));
    }

    @Test
    void the_length_with_the_optimizer_in_host_memory_is_predicted_within_a_quarter() {
        PeerSystem system = PeerSystem.MEGATRON_DEEPSPEED_2023;
        long predicted = system.longestWithOffload(GptSize.of25B(), 32, cluster, fit.of(system, published));

        assertThat(predicted / (420.0 * 1024)).isCloseTo(1, within(QUARTER));
    }

    @Test
    void a_model_without_published_lengths_is_refused() {
        assertThatThrownBy(() -> new LengthFit(cluster, "7B").of(PeerSystem.MEGATRON_LM, published))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7B");
    }

    private double ratio(PublishedLength length, PeerConstants constants) {
        return (double) length.system().longest(length.model(), length.gpus(), cluster, constants) / length.tokens();
    }
}
