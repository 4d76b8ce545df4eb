package io.longstrand.plan.published;

import io.longstrand.plan.cluster.ClusterProfile;
import java.util.function.LongFunction;

/**
 * Systems with published results, and their memory by the formulas of Korthikanti et al. 2022 (activations) and
 * Rajbhandari et al. 2020 (state): BFLOAT16 or FLOAT16 parameters and gradients, Adam with FLOAT32 masters, one sequence
 * a step. s tokens, h width, a heads, L layers, V token ids, t ranks that share matrices, d ranks that share the
 * optimizer state.
 */
public enum PeerSystem {
    /**
     * Megatron-DeepSpeed as it was in 2022: no sequence parallelism, so that everything of width h exists whole on each
     * rank, {@code sh(10 + 24/t + 5as/(ht))} a layer; attention by whole matrices and an s × s mask of one byte; a
     * learned position table on every rank, with its state. Inputs of blocks are kept in parts over the ranks
     * (DeepSpeed's partitioned activations): whole ones, 2Lhs bytes, would be 29 GB at 36k tokens, beside 15 GB of state.
     * ZeRO stage 1; 32 ranks share matrices, as its published throughput says.
     */
    MEGATRON_DEEPSPEED_2022("megatron-deepspeed-2022", 32) {
        @Override
        public PeerBytes bytes(GptSize model, int gpus, long tokens) {
            Shares shares = shares(model, gpus);
            double s = tokens;
            double h = model.hidden();
            double held = shares.parameters() + s * h;
            double replicated = (HALF + HALF) * held;
            double optimizer = OPTIMIZER * held / shares.d();
            double kept = 2 * model.layers() * s * h / shares.t() + s * s;
            double layer = s * h * (10 + 24.0 / shares.t()) + scores(model, shares.t(), s);
            return new PeerBytes(replicated, optimizer, kept, Math.max(layer, loss(model, shares.t(), s)));
        }
    },

    /**
     * Megatron-LM of 2023: sequence parallelism with attention computed again, {@code 34sh/t} kept of each layer and
     * {@code 5as²/t} in use while one is computed back; an s × s mask of one byte; a learned position table on every rank,
     * with its state; gradients in FLOAT32, the optimizer state shared by the data axis.
     */
    MEGATRON_LM("megatron-lm", 64) {
        @Override
        public PeerBytes bytes(GptSize model, int gpus, long tokens) {
            Shares shares = shares(model, gpus);
            double s = tokens;
            double h = model.hidden();
            double held = shares.parameters() + s * h;
            double replicated = (HALF + FULL) * held;
            double optimizer = OPTIMIZER * held / shares.d();
            double kept = 34 * model.layers() * s * h / shares.t() + s * s;
            double layer = scores(model, shares.t(), s) + gathered(model, s);
            return new PeerBytes(replicated, optimizer, kept, Math.max(layer, loss(model, shares.t(), s)));
        }
    },

    /**
     * Megatron-DeepSpeed of 2023: sequence parallelism, flash attention, which needs no mask, each layer's input alone
     * kept, {@code 2sh/t}, the position table in parts over the ranks. While a layer is computed back its {@code 34sh/t}
     * are in use and one input gathered whole. ZeRO stage 1.
     */
    MEGATRON_DEEPSPEED_2023("megatron-deepspeed-2023", 64) {
        @Override
        public PeerBytes bytes(GptSize model, int gpus, long tokens) {
            Shares shares = shares(model, gpus);
            double s = tokens;
            double h = model.hidden();
            double held = shares.parameters() + s * h / shares.t();
            double replicated = (HALF + HALF) * held;
            double optimizer = OPTIMIZER * held / shares.d();
            double kept = 2 * model.layers() * s * h / shares.t();
            double layer = 34 * s * h / shares.t() + gathered(model, s);
            return new PeerBytes(replicated, optimizer, kept, Math.max(layer, loss(model, shares.t(), s)));
        }
    };

    private static final int HALF = 2;
    private static final int FULL = 4;
    /** Masters and both moments of Adam. */
    private static final int OPTIMIZER = 12;
    /** Logits in 2 bytes and in 4, their exponentials, and the gradient, in 4. */
    private static final int LOSS = 14;

    private static final long MOST_TOKENS = 1L << 30;

    private final String text;
    private final int mostTensorRanks;

    PeerSystem(String text, int mostTensorRanks) {
        this.text = text;
        this.mostTensorRanks = mostTensorRanks;
    }

    /** As in {@code system=…}. */
    public String text() {
        return text;
    }

    /** Device bytes of a rank for one sequence. */
    public abstract PeerBytes bytes(GptSize model, int gpus, long tokens);

    /** The longest sequence that fits. */
    public long longest(GptSize model, int gpus, ClusterProfile cluster, PeerConstants constants) {
        return longest(tokens -> bytes(model, gpus, tokens), cluster, constants);
    }

    /** The longest that fits with the optimizer state in host memory (ZeRO-Offload, Ren et al. 2021). */
    public long longestWithOffload(GptSize model, int gpus, ClusterProfile cluster, PeerConstants constants) {
        return longest(tokens -> bytes(model, gpus, tokens).withoutOptimizer(), cluster, constants);
    }

    private static long longest(LongFunction<PeerBytes> need, ClusterProfile cluster, PeerConstants constants) {
        long fits = 0;
        long tooLong = MOST_TOKENS;
        while (tooLong - fits > 1) {
            long middle = fits + (tooLong - fits) / 2;
            if (need.apply(middle).total(constants) <= cluster.usableBytes()) {
                fits = middle;
            } else {
                tooLong = middle;
            }
        }
        return fits;
    }

    /** Ranks that share matrices: as many as there are, as divide them and the heads, and as the system was run with. */
    public int tensorRanks(GptSize model, int gpus) {
        for (int ranks = Math.min(gpus, mostTensorRanks); ranks > 1; ranks--) {
            if (gpus % ranks == 0 && model.heads() % ranks == 0) {
                return ranks;
            }
        }
        return 1;
    }

    Shares shares(GptSize model, int gpus) {
        int t = tensorRanks(model, gpus);
        return new Shares(t, gpus / t, model.parameters(t) / t);
    }

    /**
     * How the state is shared.
     *
     * @param t ranks that share matrices
     * @param d ranks that share the optimizer state
     * @param parameters of a rank, positions excluded
     */
    record Shares(int t, int d, double parameters) {}

    /** Scores, probabilities and dropout masks of one layer: {@code 5as²/t}. */
    private static double scores(GptSize model, int t, double s) {
        return 5.0 * model.heads() * s * s / t;
    }

    /** Rows of one input on all ranks: {@code 2sh}. */
    private static double gathered(GptSize model, double s) {
        return 2 * s * model.hidden();
    }

    private static double loss(GptSize model, int t, double s) {
        return LOSS * s * model.paddedVocabulary(t) / t + gathered(model, s);
    }
}
