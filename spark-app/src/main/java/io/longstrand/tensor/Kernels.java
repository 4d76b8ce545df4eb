package io.longstrand.tensor;

import java.util.Optional;

/**
 * The operations every backend offers. All tensors are on the device; a host tensor is refused with {@link
 * IllegalArgumentException} by every operation but {@link #copy}. Operations are submitted to the backend's stream in
 * order. Unless said otherwise an output may be the same tensor as an input of the same shape, and results do not
 * depend on the number of lanes.
 *
 * <p>A tensor whose type is not said is FLOAT32 or BFLOAT16, whatever the others of the call are: activations and their
 * gradients, tables, gains and biases. Arithmetic, statistics and accumulators are FLOAT32 (sums of squares float64);
 * a BFLOAT16 output is the FLOAT32 result rounded to the nearest, ties to even, and NaN stays NaN. Gradients of
 * parameters and the optimizer's state are FLOAT32 always.
 */
public interface Kernels {
    /** An index that names no row of a table. */
    int NO_ENTRY = -1;

    /** A label that asks for nothing. */
    int NO_LABEL = -1;

    /** A label among ids of which another rank has the logits. */
    int LABEL_ELSEWHERE = -2;

    /** A piece of work that runs on one lane; kernels called inside it stay on that lane. */
    @FunctionalInterface
    interface LaneTask {
        /**
         * Does one piece.
         *
         * @param task its number, from 0
         * @param lane the lane it runs on, from 0 to {@link #lanes()} − 1: choose scratch by it
         */
        void run(long task, int lane);
    }

    /**
     * Whether operations compute. Those of a rehearsal do not, so the host may leave out what it would write for them or
     * read from them element by element.
     */
    default boolean compute() {
        return true;
    }

    /** How many lanes (threads) this backend works on. */
    int lanes();

    /** Runs tasks 0 … tasks − 1 on the lanes and returns when all are done; rethrows the first failure. */
    void parallel(long tasks, LaneTask task);

    /**
     * Tells of a product that tasks of {@link #parallel} will compute, of the largest kind there: a rehearsal does not
     * run tasks, and foretells by this what memory their products need. Computes nothing.
     */
    default void expectOnLanes(MatrixProduct product) {}

    /** Matrix product; see {@link MatrixProduct}. */
    void matmul(MatrixProduct product);

    /** Operands packed once for several products, where that is faster here. */
    default Optional<OperandPacking> packing() {
        return Optional.empty();
    }

    /** Copies elements of equal shape, also from FLOAT32 to BFLOAT16 and back; the only operation that crosses places. */
    void copy(Tensor from, Tensor to);

    /** Sets every element. */
    void fill(Tensor out, float value);

    /** {@code out = left + right}, element by element. */
    void add(Tensor left, Tensor right, Tensor out);

    /**
     * Sum of the squares of all elements, within 3e-6 of it for any number of elements of any size: float32 at most within
     * stretches of some thousands, float64 beyond, in an order that depends on the shape alone.
     */
    double sumOfSquares(Tensor in);

    /** {@code out[c] += Σ_r in[r, c]}. @param in (rows, n) @param out FLOAT32 (1, n) */
    void addColumnSums(Tensor in, Tensor out);

    /** {@code out[r] = Σ_c left[r, c] · right[r, c]}. @param out FLOAT32 (1, rows) */
    void rowDots(Tensor left, Tensor right, Tensor out);

    /**
     * Layer norm (Ba et al. 2016): {@code out = (in − mean) · inverseDeviation · gain + bias}, row by row.
     *
     * @param in (rows, n)
     * @param gain (1, n)
     * @param bias (1, n)
     * @param epsilon added to the variance
     * @param out (rows, n)
     * @param mean FLOAT32 (1, rows), written
     * @param inverseDeviation FLOAT32 (1, rows), written
     */
    void layerNorm(
            Tensor in, Tensor gain, Tensor bias, float epsilon, Tensor out, Tensor mean, Tensor inverseDeviation);

    /**
     * Backward of {@link #layerNorm}. Adds to all three gradients.
     *
     * @param outGradient (rows, n)
     * @param in what the forward saw
     * @param inGradient (rows, n), added to: the residual stream's gradient
     * @param gainGradient FLOAT32 (1, n), added to
     * @param biasGradient FLOAT32 (1, n), added to
     */
    void layerNormBackward(
            Tensor outGradient,
            Tensor in,
            Tensor gain,
            Tensor mean,
            Tensor inverseDeviation,
            Tensor inGradient,
            Tensor gainGradient,
            Tensor biasGradient);

    /** RMS norm (Zhang and Sennrich 2019): {@code out = in · inverseRoot · gain}; shapes as in layer norm. */
    void rmsNorm(Tensor in, Tensor gain, float epsilon, Tensor out, Tensor inverseRoot);

    /** Backward of {@link #rmsNorm}. Adds to both gradients. */
    void rmsNormBackward(
            Tensor outGradient, Tensor in, Tensor gain, Tensor inverseRoot, Tensor inGradient, Tensor gainGradient);

    /** {@code out = x/2 · (1 + tanh(√(2/π)·(x + 0.044715 x³)))} (Hendrycks and Gimpel 2016); out may be in itself. */
    void gelu(Tensor in, Tensor out);

    /** {@code inGradient = outGradient · gelu'(in)}. */
    void geluBackward(Tensor in, Tensor outGradient, Tensor inGradient);

    /** {@code out = gate · σ(gate) · up} (Shazeer 2020); out may be gate or up itself. */
    void swiglu(Tensor gate, Tensor up, Tensor out);

    /** Backward of {@link #swiglu}; the gradients may be the tensors of gate and up themselves. */
    void swigluBackward(Tensor gate, Tensor up, Tensor outGradient, Tensor gateGradient, Tensor upGradient);

    /**
     * Rotary embedding (Su et al. 2021) in the half-split form, in place: per head, for i below headSize/2, {@code
     * (x_i, x_{i+headSize/2})} turns by the angle of its row's position.
     *
     * @param inOut (tokens, heads · headSize)
     * @param headSize even
     * @param positions INT32 (1, tokens): rows of the tables
     * @param cosines FLOAT32 (positions, headSize / 2)
     * @param sines FLOAT32 (positions, headSize / 2)
     * @param inverse turns back: the backward pass
     */
    void rotary(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse);

    /**
     * {@code out[t] = table[indices[t]]}, or added to out; {@link #NO_ENTRY} stands for a row of zeros.
     *
     * @param indices INT32 (1, tokens)
     * @param out (tokens, n)
     */
    void embedding(Tensor indices, Tensor table, Tensor out, boolean accumulate);

    /**
     * {@code tableGradient[indices[t]] += outGradient[t]}, in the order of t; nothing for {@link #NO_ENTRY}.
     *
     * @param tableGradient FLOAT32 (entries, n)
     */
    void embeddingBackward(Tensor indices, Tensor outGradient, Tensor tableGradient);

    /**
     * Cross-entropy of each row, and its gradient if wanted.
     *
     * @param logits (tokens, vocabulary)
     * @param labels INT32 (1, tokens); {@link #NO_LABEL}: loss 0, gradient 0
     * @param weights FLOAT32 (1, tokens): multiply the gradient, not the losses
     * @param losses FLOAT32 (1, tokens): −ln softmax(logits)[label], written
     * @param logitsGradient weights · (softmax − one-hot), written; may be logits itself; empty for the loss alone
     */
    void crossEntropy(Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient);

    /**
     * What a part of the vocabulary says of the cross-entropy of each row (Shoeybi et al. 2020, section 3).
     *
     * @param logits (tokens, ids of the part)
     * @param labels INT32 (1, tokens), counted within the part, or {@link #NO_LABEL} or {@link #LABEL_ELSEWHERE}
     * @param statistics FLOAT32 (3, tokens), written: the largest logit m, {@code Σ exp(logit − m)}, and the label's
     *     logit, 0 where the label is not in this part
     */
    void crossEntropyPart(Tensor logits, Tensor labels, Tensor statistics);

    /**
     * The part's share of the gradient: {@code weights · (exp(logits − logSumExp) − one-hot)}, 0 without a label.
     *
     * @param logits (tokens, ids of the part)
     * @param labels as in {@link #crossEntropyPart}
     * @param weights FLOAT32 (1, tokens)
     * @param logSumExp FLOAT32 (1, tokens), of all parts together
     * @param logitsGradient written; may be logits itself
     */
    void crossEntropyPartGradient(
            Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient);

    /**
     * Takes one tile of scores into the running softmax of flash attention (Dao 2023, algorithm 1): {@code s = scale ·
     * scores} where visible; probabilities becomes {@code exp(s − newMaximum)}, 0 where hidden; accumulator and rowSum
     * are scaled by {@code exp(oldMaximum − newMaximum)}; rowSum grows by the tile's sums. A row that has seen no key
     * stays at maximum −∞, sum 0.
     *
     * @param scores FLOAT32 (queries, keys)
     * @param mask of this tile
     * @param scale one over the root of the head size
     * @param rowMaximum FLOAT32 (1, queries), −∞ before the first tile
     * @param rowSum FLOAT32 (1, queries), 0 before the first tile
     * @param accumulator FLOAT32 (queries, headSize): what the tiles so far summed up
     * @param probabilities (queries, keys), written; FLOAT32, then it may be scores itself, or BFLOAT16
     */
    void softmaxTile(
            Tensor scores,
            TileMask mask,
            float scale,
            Tensor rowMaximum,
            Tensor rowSum,
            Tensor accumulator,
            Tensor probabilities);

    /**
     * Ends the running softmax: {@code out = accumulator / rowSum}, {@code logSumExp = rowMaximum + ln rowSum}; a row
     * that saw no key gets 0 and −∞.
     */
    void softmaxFinish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp);

    /**
     * Recomputes one tile in the backward pass (Dao 2023, algorithm 2): probabilities becomes {@code P = exp(scale ·
     * scores − logSumExp)}, 0 where hidden or where logSumExp is −∞; scoresGradient becomes {@code dS = P · (dP − delta)
     * · scale}.
     *
     * @param scores FLOAT32 (queries, keys): Q·Kᵀ
     * @param probabilitiesGradient FLOAT32 (queries, keys): dP = dO·Vᵀ
     * @param mask of this tile
     * @param scale as in the forward pass
     * @param logSumExp FLOAT32 (1, queries)
     * @param delta FLOAT32 (1, queries): row dots of the output and its gradient
     * @param probabilities (queries, keys), written; FLOAT32, then it may be scores itself, or BFLOAT16
     * @param scoresGradient (queries, keys), written, of the type of probabilities; may be probabilitiesGradient itself
     */
    void softmaxTileBackward(
            Tensor scores,
            Tensor probabilitiesGradient,
            TileMask mask,
            float scale,
            Tensor logSumExp,
            Tensor delta,
            Tensor probabilities,
            Tensor scoresGradient);

    /** Causal attention over whole sequences, where this device's library has it. */
    default Optional<FusedAttention> fusedAttention() {
        return Optional.empty();
    }

    /**
     * One AdamW step over a flat slice.
     *
     * @param parameter FLOAT32 (1, n), updated
     * @param gradient FLOAT32 (1, n)
     * @param firstMoment FLOAT32 (1, n), updated
     * @param secondMoment FLOAT32 (1, n), updated
     */
    void adamW(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment);
}
