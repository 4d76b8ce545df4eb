package io.longstrand.bench;

import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.published.PeerBytes;
import io.longstrand.plan.published.PeerConstants;
import io.longstrand.plan.published.PublishedLength;
import java.util.Locale;

/**
 * Why formulas miss a published length by more than a quarter, as far as that is known.
 *
 * @param cluster the length was published for
 * @param constants of the system
 */
record Deviation(ClusterProfile cluster, PeerConstants constants) {
    private static final double GIGA = 1e9;

    String of(PublishedLength published) {
        PeerBytes bytes = published.system().bytes(published.model(), published.gpus(), published.tokens());
        double state = bytes.replicated() + bytes.optimizer();
        double all = bytes.total(constants);
        String account = String.format(
                Locale.ROOT,
                "at the published length the formulas give %.0f GB of state and %.0f GB beside it, of the %.0f GB there are; ",
                state / GIGA,
                (all - state) / GIGA,
                cluster.usableBytes() / GIGA);
        return account
                + switch (published.system()) {
                    case MEGATRON_LM ->
                        "on twice the GPUs the model was reported at nearly the length of the smaller one, on"
                                + " these at half of it, and one account of memory does not give both";
                    case MEGATRON_DEEPSPEED_2022 ->
                        "for either model twice the GPUs were reported to change nothing from 64"
                                + " to 128, where ZeRO stage 1 halves the optimizer state; and layers cost more than the"
                                + " inputs of blocks in parts over the ranks";
                    case MEGATRON_DEEPSPEED_2023 -> "not explained";
                };
    }
}
