package io.longstrand.plan.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.plan.cluster.ClusterProfile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The formulas, against numbers worked out by hand. */
class PeerSystemTest {
    private static final GptSize SMALL = new GptSize("small", 2, 1024, 8, 1000);
    private static final double S = 4096;
    private static final double H = 1024;

    @Test
    void partitioned_positions_and_inputs_of_blocks_are_all_that_grows_with_the_length_in_2023() {
        PeerBytes bytes = PeerSystem.MEGATRON_DEEPSPEED_2023.bytes(SMALL, 8, (long) S);

        assertThat(bytes.kept()).isCloseTo(2 * 2 * S * H / 8, within(1.0));
        // 1,000 token ids are padded to 1,024: 14 bytes of each logit, and the rows of all ranks.
        assertThat(bytes.working()).isCloseTo(34 * S * H / 8 + 2 * S * H, within(1.0));
    }

    @Test
    void whole_matrices_of_attention_grow_with_the_square_of_the_length() {
        PeerBytes one = PeerSystem.MEGATRON_LM.bytes(SMALL, 8, 100_000);
        PeerBytes two = PeerSystem.MEGATRON_LM.bytes(SMALL, 8, 200_000);

        assertThat(two.working() / one.working()).isCloseTo(4, within(0.1));
    }

    @Test
    void a_position_table_on_every_rank_costs_its_state_as_well() {
        double short_ = state(PeerSystem.MEGATRON_DEEPSPEED_2022.bytes(SMALL, 8, 1024));
        double long_ = state(PeerSystem.MEGATRON_DEEPSPEED_2022.bytes(SMALL, 8, 2048));

        assertThat(long_ - short_).isCloseTo(16 * 1024 * H, within(1.0));
    }

    @Test
    void twice_the_ranks_that_share_no_matrices_halve_the_optimizer_state() {
        GptSize model = GptSize.of25B();
        PeerBytes one = PeerSystem.MEGATRON_DEEPSPEED_2023.bytes(model, 64, 1024);
        PeerBytes two = PeerSystem.MEGATRON_DEEPSPEED_2023.bytes(model, 128, 1024);

        assertThat(two.optimizer()).isCloseTo(one.optimizer() / 2, within(1.0));
        assertThat(two.replicated()).isCloseTo(one.replicated(), within(1.0));
    }

    @ParameterizedTest
    @EnumSource(PeerSystem.class)
    void the_longest_sequence_fits_and_one_token_more_does_not(PeerSystem system) {
        ClusterProfile cluster = ClusterProfile.named("a100-40g");
        PeerConstants constants = new PeerConstants(1, 2e9);

        long longest = system.longest(GptSize.of25B(), 64, cluster, constants);

        assertThat(system.bytes(GptSize.of25B(), 64, longest).total(constants))
                .isLessThanOrEqualTo(cluster.usableBytes());
        assertThat(system.bytes(GptSize.of25B(), 64, longest + 1).total(constants))
                .isGreaterThan(cluster.usableBytes());
    }

    @Test
    void heads_are_shared_by_as_many_ranks_as_divide_them() {
        GptSize model = new GptSize("48 heads", 56, 6144, 48, 1000);

        assertThat(PeerSystem.MEGATRON_LM.tensorRanks(model, 64)).isEqualTo(16);
        assertThat(PeerSystem.MEGATRON_LM.tensorRanks(GptSize.of25B(), 128)).isEqualTo(64);
        assertThat(PeerSystem.MEGATRON_DEEPSPEED_2022.tensorRanks(GptSize.of25B(), 128))
                .isEqualTo(32);
    }

    private static double state(PeerBytes bytes) {
        return bytes.replicated() + bytes.optimizer();
    }
}
