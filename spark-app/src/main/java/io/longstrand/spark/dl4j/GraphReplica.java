package io.longstrand.spark.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A {@link ComputationGraph} on a rank. */
final class GraphReplica implements Replica {
    /** Travels to the rank. */
    record Plan(ComputationGraphConfiguration configuration) implements Blueprint {
        @Override
        public Replica build(INDArray parameters) {
            ComputationGraph network = new ComputationGraph(configuration.clone());
            network.init(parameters, false);
            network.initGradientsView();
            return new GraphReplica(network);
        }
    }

    private final ComputationGraph network;

    private GraphReplica(ComputationGraph network) {
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
        return network.getConfiguration().getBackpropType() == BackpropType.TruncatedBPTT;
    }

    @Override
    public List<UpdaterBlock> replaceUpdater(StepUpdate update, int stateElements) {
        Substitute substitute = new Substitute(network, EmptyState.of(stateElements), update);
        network.setUpdater(substitute);
        return substitute.getUpdaterBlocks();
    }

    @Override
    public void fit(MultiDataSet examples) {
        network.fit(examples);
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
    private static final class Substitute extends ComputationGraphUpdater {
        private final StepUpdate update;

        Substitute(ComputationGraph network, INDArray space, StepUpdate update) {
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
