package io.longstrand.model;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * How a model is laid over the ranks, as the model sees it: the places at which ranks may have to exchange something.
 * Each rank holds some rows of the residual stream, the products of a block see the rows of all ranks that share it. The
 * form of a single device exchanges nothing: there both are the same tensor.
 *
 * <p>Where rows of several ranks come together they are in the order of {@code sequences} equal parts, in each of them one
 * rank's rows after the other's. With as many as the batch has sequences that is the order of the batch's tokens; with 1
 * it is an order for work to which it does not matter.
 */
public interface Layout {
    /** Room for the rows of all ranks that share a block; on a single device the stream's own rows. */
    Tensor blockRows(Arena device, Tensor stream);

    /**
     * Rows of the residual stream this rank holds -> the rows a block's products see. Also the backward pass of {@link
     * #leave}.
     *
     * @param stream (rows of this rank, hidden)
     * @param block room of {@link #blockRows}
     * @param sequences see above
     * @return (rows of all ranks, hidden): block, or the stream itself
     */
    Tensor enter(Tensor stream, Tensor block, int sequences);

    /**
     * A block's products, partial sums where its columns are split -> the rows this rank holds. Also the backward pass
     * of {@link #enter}.
     *
     * @param block (rows of all ranks, hidden); does not keep what it holds
     * @param stream (rows of this rank, hidden), for the result
     * @param sequences see above
     * @return (rows of this rank, hidden): stream, or the block itself
     */
    Tensor leave(Tensor block, Tensor stream, int sequences);

    /**
     * Cross-entropy over the whole vocabulary, of which this rank may hold a part; see {@link
     * io.longstrand.tensor.Kernels#crossEntropy}. Rows are those numbered {@code from} to {@code to} in each rank's
     * stream, one rank's after the other's.
     *
     * @param logits (rows, this rank's part of the vocabulary)
     * @param batch whose labels and weights are read and losses written
     * @param logitsGradient of the same shape, written; may be logits itself; empty for the losses alone
     */
    void crossEntropy(Tensor logits, Batch batch, long from, long to, Optional<Tensor> logitsGradient);

    /**
     * Adds each token's row of the learned position table.
     *
     * @param positions INT32 (1, tokens): rows of the table, or {@link io.longstrand.tensor.Kernels#NO_ENTRY}
     * @param table this rank's rows of the table
     * @param out (rows of this rank, hidden), added to
     */
    void addPositions(Tensor positions, Tensor table, Tensor out);

    /** The backward pass of {@link #addPositions}: adds to this rank's rows of the table's gradient. */
    void addPositionGradients(Tensor positions, Tensor outGradient, Tensor tableGradient);
}
