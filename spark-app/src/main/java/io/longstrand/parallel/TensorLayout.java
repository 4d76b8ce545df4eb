package io.longstrand.parallel;

import io.longstrand.comm.Communicator;
import io.longstrand.model.Batch;
import io.longstrand.model.Layout;
import io.longstrand.model.ModelShare;
import io.longstrand.model.Span;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.nio.IntBuffer;
import java.util.Optional;

/**
 * A model whose matrices are split over the ranks of the tensor axis (Shoeybi et al. 2020), its residual stream cut by
 * rows between them (Korthikanti et al. 2022). What a rank sends of elements, for N tokens and P ranks: {@code
 * 4Nh(P−1)/P} a layer forward, and {@code 6Nh(P−1)/P} backward because gathered rows are not kept.
 */
public final class TensorLayout implements Layout {
    private static final String OWNER = "position rows";

    private final Kernels kernels;
    private final Communicator ranks;
    private final TokenOrder order;
    private final RowExchange rows;
    private final VocabularyLoss loss;
    private final Tensor positionRows;

    /**
     * Takes staging memory where the ranks have their tensors: the stream of all tokens of a batch.
     *
     * @param ranks of the tensor axis
     * @param share what this rank has of the model
     * @param sequences of a batch
     * @param length tokens of one sequence that the ranks have together, a multiple of them; the last ones may be padding,
     *     for which the position table has no rows
     * @param type of activations
     */
    public TensorLayout(
            Backend backend,
            Arena device,
            Arena host,
            Communicator ranks,
            ModelShare share,
            int sequences,
            int length,
            DataType type) {
        if (length % ranks.size() != 0) {
            throw new IllegalArgumentException(
                    "sequences of " + length + " tokens cannot be cut for " + ranks.size() + " ranks");
        }
        this.ranks = ranks;
        kernels = backend.kernels();
        order = new TokenOrder(sequences, ranks.size(), length / ranks.size());
        rows = new RowExchange(
                backend,
                device,
                host,
                ranks,
                type,
                sequences,
                (long) sequences * length,
                share.shape().hidden());
        loss = new VocabularyLoss(backend, device, host, ranks);
        positionRows = device.allocate(OWNER, DataType.INT32, 1, order.streamRows());
        Arena.Mark mark = host.mark();
        long rowsOfTable = share.positions().stream().mapToLong(Span::count).sum();
        writePositionRows(host.allocate(OWNER, DataType.INT32, 1, order.streamRows()), rowsOfTable);
        backend.synchronize();
        host.release(mark);
    }

    /** A rank holds the rows of the position table in the order of its part of a sequence. */
    private void writePositionRows(Tensor staging, long rowsOfTable) {
        if (kernels.compute()) {
            IntBuffer numbers = staging.hostBytes().asIntBuffer();
            for (long row = 0; row < order.streamRows(); row++) {
                long number = row % order.part();
                numbers.put(number < rowsOfTable ? (int) number : Kernels.NO_ENTRY);
            }
        }
        kernels.copy(staging, positionRows);
    }

    @Override
    public Tensor blockRows(Arena device, Tensor stream) {
        return device.allocate("gathered rows", stream.type(), ranks.size() * stream.rows(), stream.columns());
    }

    @Override
    public Tensor enter(Tensor stream, Tensor block, int sequences) {
        rows.gather(stream, block, sequences);
        return block;
    }

    @Override
    public Tensor leave(Tensor block, Tensor stream, int sequences) {
        rows.reduce(block, stream, sequences);
        return stream;
    }

    @Override
    public void crossEntropy(Tensor logits, Batch batch, long from, long to, Optional<Tensor> logitsGradient) {
        loss.run(logits, batch, order, from, to, logitsGradient);
    }

    @Override
    public void addPositions(Tensor positions, Tensor table, Tensor out) {
        if (table.rows() > 0) {
            kernels.embedding(positionRows, table, out, true);
        }
    }

    @Override
    public void addPositionGradients(Tensor positions, Tensor outGradient, Tensor tableGradient) {
        if (tableGradient.rows() > 0) {
            kernels.embeddingBackward(positionRows, outGradient, tableGradient);
        }
    }
}
