package io.longstrand.spark.dl4j;

import java.util.List;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.Regularization.ApplyStep;

/** The part of an updater block that a rank owns: its state, and the update of its parameters. */
final class OwnedBlock {
    /** What lies of one parameter array in the part. */
    private record Piece(List<Regularization> regularization, INDArray parameters, INDArray gradients) {}

    private final boolean skipped;
    private final GradientUpdater<?> updater;
    private final INDArray gradients;
    private final List<Piece> pieces;

    /**
     * A part.
     *
     * @param block DL4J's
     * @param part what of it the rank owns
     * @param state (elements) the rank's slice of the state
     * @param parameters (parameters) of the network
     * @param gradients (parameters) of the network
     */
    OwnedBlock(UpdaterBlock block, StateLayout.Part part, INDArray state, INDArray parameters, INDArray gradients) {
        UpdaterBlock.ParamState first = block.getLayersAndVariablesInBlock().get(0);
        IUpdater configuration = first.getLayer().getConfig().getUpdaterByParam(first.getParamName());
        INDArray own = part.state() == 0 ? null : range(state, part.stateFrom(), part.stateFrom() + part.state());
        updater = configuration.instantiate(own, false);
        skipped = block.skipDueToPretrainConfig(false);
        this.gradients = range(gradients, part.from(), part.to());
        pieces = block.getLayersAndVariablesInBlock().stream()
                .filter(variable ->
                        variable.getParamOffsetStart() < part.to() && variable.getParamOffsetEnd() > part.from())
                .map(variable -> {
                    int from = Math.max(variable.getParamOffsetStart(), part.from());
                    int to = Math.min(variable.getParamOffsetEnd(), part.to());
                    List<Regularization> regularization =
                            variable.getLayer().getConfig().getRegularizationByParam(variable.getParamName());
                    return new Piece(
                            regularization == null ? List.of() : regularization,
                            range(parameters, from, to),
                            range(gradients, from, to));
                })
                .toList();
    }

    /** A view of some elements of a flat array, which may be of shape (elements) or (elements). */
    static INDArray range(INDArray flat, long from, long to) {
        return flat.reshape(flat.length()).get(NDArrayIndex.interval(from, to));
    }

    /** Turns gradients into what is subtracted from the parameters, as DL4J's block does. */
    void update(int iteration, int epoch) {
        if (skipped) {
            return;
        }
        regularize(ApplyStep.BEFORE_UPDATER, iteration, epoch);
        updater.applyUpdater(gradients, iteration, epoch);
        regularize(ApplyStep.POST_UPDATER, iteration, epoch);
    }

    private void regularize(ApplyStep step, int iteration, int epoch) {
        IUpdater configuration = updater.getConfig();
        double rate = configuration.hasLearningRate() ? configuration.getLearningRate(iteration, epoch) : 1.0;
        for (Piece piece : pieces) {
            for (Regularization regularization : piece.regularization()) {
                if (regularization.applyStep() == step) {
                    regularization.apply(piece.parameters(), piece.gradients(), rate, iteration, epoch);
                }
            }
        }
    }
}
