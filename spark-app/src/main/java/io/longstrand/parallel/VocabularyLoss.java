package io.longstrand.parallel;

import io.longstrand.comm.Communicator;
import io.longstrand.model.Batch;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Optional;

/**
 * Cross-entropy over a vocabulary of which every rank has a part (Shoeybi et al. 2020, section 3): ranks tell each other
 * three FLOAT32 numbers of each row, and put them together in the order of ranks, so that all of them get the same losses.
 */
final class VocabularyLoss {
    private static final String OWNER = "loss tile";
    private static final int STATISTICS = 3;

    private final Backend backend;
    private final Kernels kernels;
    private final Arena device;
    private final Arena host;
    private final Communicator ranks;

    /**
     * @param device 28 bytes of every row of a tile, meanwhile; 12 more a rank if the ranks have their tensors there
     * @param host 12 bytes a rank and 12 bytes, of every row of a tile, meanwhile
     */
    VocabularyLoss(Backend backend, Arena device, Arena host, Communicator ranks) {
        this.backend = backend;
        this.kernels = backend.kernels();
        this.device = device;
        this.host = host;
        this.ranks = ranks;
    }

    /** See {@link io.longstrand.model.Layout#crossEntropy}. @param tokens where the rows' tokens lie in the batch */
    void run(Tensor logits, Batch batch, TokenOrder tokens, long from, long to, Optional<Tensor> logitsGradient) {
        Arena.Mark mark = device.mark();
        Arena.Mark hostMark = host.mark();
        long rows = logits.rows();
        Tensor labels = device.allocate(OWNER, DataType.INT32, 1, rows);
        Tensor weights = device.allocate(OWNER, DataType.FLOAT32, 1, rows);
        Tensor logSumExp = device.allocate(OWNER, DataType.FLOAT32, 1, rows);
        Tensor losses = device.allocate(OWNER, DataType.FLOAT32, 1, rows);
        tokens.each(from, to, (row, token, count) -> {
            kernels.copy(batch.labels().columns(token, token + count), labels.columns(row, row + count));
            kernels.copy(batch.weights().columns(token, token + count), weights.columns(row, row + count));
        });
        combine(logits, labels, logSumExp, losses);
        logitsGradient.ifPresent(
                gradient -> kernels.crossEntropyPartGradient(logits, labels, weights, logSumExp, gradient));
        tokens.each(
                from,
                to,
                (row, token, count) -> kernels.copy(
                        losses.columns(row, row + count), batch.losses().columns(token, token + count)));
        host.release(hostMark);
        device.release(mark);
    }

    /** Writes what all parts together say of each row. */
    private void combine(Tensor logits, Tensor labels, Tensor logSumExp, Tensor losses) {
        long rows = logits.rows();
        Tensor own = device.allocate(OWNER, DataType.FLOAT32, STATISTICS, rows);
        Tensor all = host.allocate(OWNER, DataType.FLOAT32, (long) STATISTICS * ranks.size(), rows);
        boolean onDevice = ranks.place() == Place.DEVICE;
        Tensor gathered = onDevice ? device.allocate(OWNER, DataType.FLOAT32, all.rows(), rows) : all;
        Tensor hostLabels = host.allocate(OWNER, DataType.INT32, 1, rows);
        Tensor hostLogSumExp = host.allocate(OWNER, DataType.FLOAT32, 1, rows);
        Tensor hostLosses = host.allocate(OWNER, DataType.FLOAT32, 1, rows);
        kernels.crossEntropyPart(logits, labels, own);
        Tensor slot = gathered.rows((long) STATISTICS * ranks.rank(), (long) STATISTICS * (ranks.rank() + 1));
        kernels.copy(own, slot);
        kernels.copy(labels, hostLabels);
        backend.synchronize();
        ranks.allGather(slot.reshape(1, slot.elements()), gathered.reshape(1, gathered.elements()));
        if (onDevice) {
            kernels.copy(gathered, all);
            backend.synchronize();
        }
        if (kernels.compute()) {
            combine(
                    all.hostBytes().asFloatBuffer(),
                    hostLabels.hostBytes().asIntBuffer(),
                    hostLogSumExp.hostBytes().asFloatBuffer(),
                    hostLosses.hostBytes().asFloatBuffer());
        }
        kernels.copy(hostLogSumExp, logSumExp);
        kernels.copy(hostLosses, losses);
        // The host memory is given back before the next tile is begun.
        backend.synchronize();
    }

    /** @param statistics [ranks][maximum, sum, logit of the label][rows] */
    private void combine(FloatBuffer statistics, IntBuffer labels, FloatBuffer logSumExp, FloatBuffer losses) {
        int rows = labels.remaining();
        for (int row = 0; row < rows; row++) {
            float maximum = Float.NEGATIVE_INFINITY;
            for (int rank = 0; rank < ranks.size(); rank++) {
                maximum = Math.max(maximum, statistics.get(STATISTICS * rank * rows + row));
            }
            double sum = 0;
            double labelLogit = 0;
            for (int rank = 0; rank < ranks.size(); rank++) {
                int at = STATISTICS * rank * rows + row;
                double ofPart = statistics.get(at);
                sum += statistics.get(at + rows) * Math.exp(ofPart - maximum);
                labelLogit += statistics.get(at + 2 * rows); // of one rank; the others' are 0
            }
            double total = maximum + Math.log(sum);
            logSumExp.put(row, (float) total);
            losses.put(row, labels.get(row) == Kernels.NO_LABEL ? 0 : (float) (total - labelLogit));
        }
    }
}
