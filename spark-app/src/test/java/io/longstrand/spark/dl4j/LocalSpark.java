package io.longstrand.spark.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.IUpdater;

/** A Spark of one JVM with two slots, opened as any application does, and examples for two ranks. */
final class LocalSpark implements AutoCloseable {
    static final double TOLERANCE = 1e-5;
    static final int RANKS = 2;
    static final int BATCH = 4;
    /** Five steps; in the last one there is one example, so rank 1 has none. */
    static final DataSet EXAMPLES = Networks.examples(4 * RANKS * BATCH + 1);

    private final JavaSparkContext spark = new JavaSparkContext(new SparkConf()
            .setMaster("local[" + RANKS + "]")
            .setAppName("LocalSpark")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1"));

    JavaSparkContext context() {
        return spark;
    }

    static NeuralNetConfiguration.Builder settings(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(5).updater(updater);
    }

    static ZeroTrainingMaster.Builder master() {
        return new ZeroTrainingMaster.Builder(RANKS).batchSizePerWorker(BATCH);
    }

    static MultiLayerNetwork network(MultiLayerConfiguration configuration) {
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        return network;
    }

    /** Two ranks make of the network what one process makes of it. */
    void requireSameAsOneProcess(MultiLayerConfiguration configuration, DataSet examples) {
        MultiLayerNetwork alone = network(configuration);
        MultiLayerNetwork shared = alone.clone();
        Networks.cut(examples, RANKS * BATCH).forEach(alone::fit);

        new SparkDl4jMultiLayer(spark, shared, master().build()).fit(spark.parallelize(Networks.cut(examples, 3), 4));

        requireSame(shared, alone);
    }

    static void requireSame(MultiLayerNetwork actual, MultiLayerNetwork expected) {
        assertThat(difference(actual.params(), expected.params())).isLessThan(TOLERANCE);
        INDArray state = expected.getUpdater().getStateViewArray();
        if (state != null) {
            assertThat(difference(actual.getUpdater().getStateViewArray(), state))
                    .isLessThan(TOLERANCE);
        }
        assertThat(actual.getIterationCount()).isEqualTo(expected.getIterationCount());
    }

    private static double difference(INDArray actual, INDArray expected) {
        return actual.sub(expected).amaxNumber().doubleValue();
    }

    @Override
    public void close() {
        spark.close();
    }
}
