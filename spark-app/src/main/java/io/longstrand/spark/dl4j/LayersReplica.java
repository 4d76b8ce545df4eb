package io.longstrand.spark.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A {@link MultiLayerNetwork} on a rank. */
final class LayersReplica implements Replica {
    /** Travels to the rank. */
    record Plan(MultiLayerConfiguration configuration) implements Blueprint {
        @Override
        public Replica build(INDArray parameters) {
            MultiLayerNetwork network = new MultiLayerNetwork(configuration.clone());
            network.init(parameters, false);
            network.initGradientsView();
            return new LayersReplica(network);
        }
    }

    private final MultiLayerNetwork network;

    private LayersReplica(MultiLayerNetwork network) {
        this.network = network;
    }

    @Override
    public Model model() {
        return network;
    }

    @Override
    public INDArray gradients() {
        return network.getFlattenedGradients();
    }

    @Override
    public long seed() {
        return network.conf().getSeed() + network.getIterationCount();
    }

    @Override
    public boolean averagesExamples() {
        return network.conf().isMiniBatch();
    }

    @Override
    public boolean truncatesSequences() {
        return network.getLayerWiseConfigurations().getBackpropType() == BackpropType.TruncatedBPTT;
    }

    @Override
    public List<UpdaterBlock> replaceUpdater(StepUpdate update, int stateElements) {
        Substitute substitute = new Substitute(network, EmptyState.of(stateElements), update);
        network.setUpdater(substitute);
        return substitute.getUpdaterBlocks();
    }

    @Override
    public void fit(MultiDataSet examples) {
        network.fit(single(examples));
    }

    /** The same examples where there is one array of features and one of labels. */
    static DataSet single(MultiDataSet examples) {
        return new DataSet(
                examples.getFeatures(0),
                examples.getLabels(0),
                first(examples.getFeaturesMaskArrays()),
                first(examples.getLabelsMaskArrays()));
    }

    private static INDArray first(INDArray[] masks) {
        return masks == null ? null : masks[0];
    }

    @Override
    public void setScore(double score) {
        network.setScore(score);
    }

    @Override
    public void setListeners(List<TrainingListener> listeners) {
        network.setListeners(listeners);
    }

    /** In place of DL4J's updater; knows its blocks, holds no state. */
    private static final class Substitute extends MultiLayerUpdater {
        private final StepUpdate update;

        Substitute(MultiLayerNetwork network, INDArray space, StepUpdate update) {
            super(network, space);
            this.update = update;
            updaterStateViewArray = EmptyState.release(space, updaterBlocks);
        }

        @Override
        public synchronized void update(
                Gradient gradient, int iteration, int epoch, int batchSize, LayerWorkspaceMgr workspaces) {
            update.run(iteration, epoch, workspaces);
        }
    }
}
