package io.longstrand.spark.dl4j;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.BaseMultiLayerUpdater;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The driver's network, which is trained: what the two kinds of DL4J networks have in common. */
interface Trainee {
    /** Its configuration, with the steps done so far. */
    Blueprint blueprint();

    /** What goes for all its layers. */
    NeuralNetConfiguration configuration();

    /** All its parameters, (parameters). */
    INDArray parameters();

    /** Its updater, which DL4J makes when it is first asked for. */
    BaseMultiLayerUpdater<?> updater();

    /** Brings it to where the ranks are, but for the updater's state. */
    void advance(INDArray parameters, int steps, double score);

    /** A network of layers. */
    record Layers(SparkDl4jMultiLayer spark) implements Trainee {
        private MultiLayerNetwork network() {
            return spark.getNetwork();
        }

        @Override
        public Blueprint blueprint() {
            return new LayersReplica.Plan(network().getLayerWiseConfigurations());
        }

        @Override
        public NeuralNetConfiguration configuration() {
            return network().conf();
        }

        @Override
        public INDArray parameters() {
            return network().params();
        }

        @Override
        public BaseMultiLayerUpdater<?> updater() {
            return (BaseMultiLayerUpdater<?>) network().getUpdater();
        }

        @Override
        public void advance(INDArray parameters, int steps, double score) {
            network().setParameters(parameters);
            MultiLayerConfiguration configuration = network().getLayerWiseConfigurations();
            configuration.setIterationCount(configuration.getIterationCount() + steps);
            network().setScore(score);
            spark.setScore(score);
        }
    }

    /** A network of vertices. */
    record Graph(SparkComputationGraph spark) implements Trainee {
        private ComputationGraph network() {
            return spark.getNetwork();
        }

        @Override
        public Blueprint blueprint() {
            return new GraphReplica.Plan(network().getConfiguration());
        }

        @Override
        public NeuralNetConfiguration configuration() {
            return network().conf();
        }

        @Override
        public INDArray parameters() {
            return network().params();
        }

        @Override
        public BaseMultiLayerUpdater<?> updater() {
            return network().getUpdater();
        }

        @Override
        public void advance(INDArray parameters, int steps, double score) {
            network().setParams(parameters);
            network()
                    .getConfiguration()
                    .setIterationCount(network().getConfiguration().getIterationCount() + steps);
            network().setScore(score);
            spark.setScore(score);
        }
    }
}
