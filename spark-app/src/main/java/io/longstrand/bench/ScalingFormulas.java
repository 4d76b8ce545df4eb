package io.longstrand.bench;

import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShare;
import io.longstrand.model.ParameterLayout;
import java.util.List;
import java.util.Set;

/**
 * What a rank holds and sends by the formulas of the papers, in FLOAT32: Rajbhandari et al. 2020 (ZeRO), Liu et al. 2023
 * (ring attention), Jacobs et al. 2023 (Ulysses), Korthikanti et al. 2022 (sequence parallelism). Multi-head attention,
 * one micro-batch, causal masks.
 *
 * @param shape of the model
 * @param ranks P of the axis, or N that share the state
 * @param tokens N of all ranks of an axis together
 */
record ScalingFormulas(ModelShape shape, int ranks, long tokens) {
    private static final int BYTES = Float.BYTES;

    /** Parameters Ψ. */
    private double parameters() {
        return new ParameterLayout(shape).learned();
    }

    /** Of parameters, gradients and both moments: {@code 16Ψ}, {@code 8Ψ + 8Ψ/N}, {@code 4Ψ + 12Ψ/N}, {@code 16Ψ/N}. */
    double stateBytes(int stage) {
        double parameters = parameters();
        return switch (stage) {
            case 0 -> 16 * parameters;
            case 1 -> 8 * parameters + 8 * parameters / ranks;
            case 2 -> 4 * parameters + 12 * parameters / ranks;
            case 3 -> 16 * parameters / ranks;
            default -> throw new IllegalArgumentException("stage " + stage);
        };
    }

    /** Of a rank of the tensor axis: {@code 16Ψ/P} of what is split, and 16 bytes of each parameter that is not. */
    double tensorStateBytes() {
        ModelShare share = new ModelShare(shape, 0, ranks, List.of(), Set.of());
        return 16.0 * new ParameterLayout(share).learned();
    }

    /** Sent for the state in a step of one micro-batch: {@code 2Ψ(N−1)/N}, and at stage 3 {@code 3Ψ(N−1)/N}. */
    double stateSent(int stage) {
        return (stage == 3 ? 3 : 2) * parameters() * (ranks - 1) / ranks * BYTES;
    }

    /** Ring: {@code 2(N/P)h(P−1)} a layer forward, the same backward and as much of gradients. */
    double ringSent() {
        return 6.0 * shape.layers() * tokens / ranks * shape.hidden() * (ranks - 1) * BYTES;
    }

    /** Ulysses: {@code 4(N/P)h(P−1)/P} a layer forward, the same backward. */
    double ulyssesSent() {
        return 8.0 * shape.layers() * tokens / ranks * shape.hidden() * (ranks - 1) / ranks * BYTES;
    }

    /**
     * Tensor axis with sequence parallelism: {@code 4Nh(P−1)/P} a layer forward and {@code 6Nh(P−1)/P} backward, and {@code
     * Nh(P−1)/P} each for the embedding and its gradient, the rows of the output and their gradient.
     */
    double tensorSent() {
        return (10.0 * shape.layers() + 4) * tokens * shape.hidden() * (ranks - 1) / ranks * BYTES;
    }
}
