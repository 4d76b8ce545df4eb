package io.longstrand.model;

import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * How a model is laid over the ranks, as the model sees it: the places at which ranks may have to exchange something.
 * The form of a single device exchanges nothing.
 */
public interface Layout {
    /**
     * Rows of the residual stream this rank holds -> the rows a block's products see. Also the backward pass of {@link
     * #leave}.
     *
     * @param stream (tokens of this rank, hidden)
     * @return (tokens of the block, hidden); may be the argument itself
     */
    Tensor enter(Tensor stream);

    /**
     * A block's products, partial sums where its columns are split -> the rows this rank holds. Also the backward pass
     * of {@link #enter}.
     *
     * @param partial (tokens of the block, hidden)
     * @return (tokens of this rank, hidden); may be the argument itself
     */
    Tensor leave(Tensor partial);

    /**
     * Cross-entropy over the whole vocabulary, of which this rank may hold a part; see {@link
     * io.longstrand.tensor.Kernels#crossEntropy}.
     *
     * @param logits (tokens, this rank's part of the vocabulary)
     */
    void crossEntropy(Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient);

    /**
     * Adds each token's row of the learned position table.
     *
     * @param positions INT32 (1, tokens), counted from the start of the sequence
     * @param table this rank's rows of the table
     * @param out (tokens, hidden), added to
     */
    void addPositions(Tensor positions, Tensor table, Tensor out);

    /** The backward pass of {@link #addPositions}: adds to this rank's rows of the table's gradient. */
    void addPositionGradients(Tensor positions, Tensor outGradient, Tensor tableGradient);
}
