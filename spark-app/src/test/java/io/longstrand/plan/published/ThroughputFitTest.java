package io.longstrand.plan.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.plan.cluster.ClusterProfile;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ThroughputFitTest {
    private final PeerStep step = new PeerStep(ClusterProfile.named("a100-40g"), GptSize.of25B(), 32);

    @Test
    void the_share_of_the_peak_is_the_one_the_throughput_was_made_with() {
        PeerSystem system = PeerSystem.MEGATRON_DEEPSPEED_2023;
        List<PublishedThroughput> made = List.of(2048L, 65_536L).stream()
                .map(tokens -> new PublishedThroughput(
                        system, tokens, OptionalDouble.of(step.teraflops(system, tokens, 0.37))))
                .toList();

        assertThat(new ThroughputFit(step).of(system, made)).isEqualTo(0.37);
    }

    @Test
    void all_published_throughput_but_of_the_longest_sequence_is_met_within_an_eighth() {
        for (PeerSystem system : List.of(PeerSystem.MEGATRON_DEEPSPEED_2022, PeerSystem.MEGATRON_DEEPSPEED_2023)) {
            double share = new ThroughputFit(step).of(system, PublishedThroughput.all());
            assertThat(PublishedThroughput.all())
                    .filteredOn(
                            row -> row.system() == system && row.teraflops().isPresent() && row.tokens() < 256 * 1024)
                    .allSatisfy(row -> assertThat(step.teraflops(system, row.tokens(), share)
                                    / row.teraflops().getAsDouble())
                            .isCloseTo(1, within(0.125)));
        }
    }
}
