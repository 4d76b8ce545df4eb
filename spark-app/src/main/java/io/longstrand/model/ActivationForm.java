package io.longstrand.model;

import io.longstrand.config.MemorySection;
import io.longstrand.config.MemorySection.Recompute;
import io.longstrand.config.RunConfiguration;
import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.DataType;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * How much of itself a pass over the model holds. What is not kept between the passes is computed again by the same
 * operations on the same numbers, so {@code recompute} changes no bit. Tiles cut sums over tokens, those of the gradients
 * of weights, into parts that are added in the order of the tiles; they change roundings of these sums and nothing else,
 * and not even those where a backend cuts its sums at the same places, as {@code cpu} does every 2,048 tokens.
 *
 * <p>A block keeps, in multiples of (tokens, hidden), with multi-head attention and GELU over rows 4 times wider:
 *
 * <ul>
 *   <li>{@code none}: 10, its input, queries, keys and values (3), heads' output, middle and wide rows (4)
 *   <li>{@code attention}: 7, all but queries, keys and values. They cost one product; the heads' output and the
 *       log-sum-exp stay, because attending again costs more the longer the sequence is
 *   <li>{@code attention+mlp}: 3, without the wide rows as well
 *   <li>{@code full}: 1, the input alone (Chen et al. 2016): the block attends again
 * </ul>
 *
 * <p>Log-sum-exps, where they are kept, are (heads, tokens) beside that. The last product of a block is never repeated:
 * nothing in the backward pass asks for what it gave.
 *
 * <p>With a tile the MLP computes its wide rows for so many tokens at a time, in both passes, and keeps none (Dao et al.
 * 2022 do so with attention, Bekman et al. 2025, ALST, with the MLP).
 *
 * @param recompute what blocks compute again
 * @param mlpTile tokens of which wide rows exist at a time; 0: all
 * @param lossTile tokens of which logits exist at a time; 0: all; empty: as many as make up 4 MiB, from 64 to 1,024
 */
public record ActivationForm(Recompute recompute, int mlpTile, OptionalInt lossTile) {
    /** Everything is kept, and nothing but the logits tiled. */
    public static ActivationForm resident() {
        return recomputing(Recompute.NONE);
    }

    /** The same but for what is computed again. */
    static ActivationForm recomputing(Recompute recompute) {
        return new ActivationForm(recompute, 0, OptionalInt.empty());
    }

    /** What a configuration says. */
    public static ActivationForm configured(RunConfiguration configuration) {
        MemorySection memory = configuration.memory();
        return new ActivationForm(memory.recompute(), memory.mlpTile(), memory.lossTile());
    }

    /** The same on a rank that has the whole model. */
    public long keptBytes(ModelShape shape, DataType type, long tokens) {
        return keptBytes(ModelShare.whole(shape), shape.queryKeyValueColumns(), type, tokens);
    }

    /**
     * Bytes a block keeps between its passes.
     *
     * @param operandColumns of the room for queries, keys and values of a token: {@link
     *     io.longstrand.attention.Attention#roomColumns}
     * @param type of activations
     * @param tokens of the batch
     */
    public long keptBytes(ModelShare share, long operandColumns, DataType type, long tokens) {
        KeptShape kept = new KeptShape(share, operandColumns, type, share.streamRows(tokens));
        return kept.bytes(Kept.INPUT)
                + keptBesideInput(share.shape()).stream().mapToLong(kept::bytes).sum();
    }

    /** What a block of this model keeps, the stream it started from aside, in the order it is computed. */
    List<Kept> keptBesideInput(ModelShape shape) {
        return Arrays.stream(Kept.values())
                .filter(name -> name != Kept.INPUT && keeps(name))
                .filter(name -> name != Kept.MLP_GATE || shape.activation() == ModelShape.MlpActivation.SWIGLU)
                .toList();
    }

    /** Whether a block keeps this from its forward to its backward pass. */
    boolean keeps(Kept name) {
        return switch (name) {
            case INPUT -> true;
            case QUERY_KEY_VALUE -> recompute == Recompute.NONE;
            case ATTENTION_OUT, LOG_SUM_EXP, MIDDLE -> recompute != Recompute.FULL;
            case MLP_GATE, MLP_UP -> mlpTile == 0 && (recompute == Recompute.NONE || recompute == Recompute.ATTENTION);
        };
    }
}
