package io.longstrand.spark.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.config.RunFailure;
import io.longstrand.spark.dl4j.Networks.Kind;
import io.longstrand.spark.launch.ExecutorJvms;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.MultiLayerUpdater;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Two executor processes train the network that one process trains with the same batches. */
class ZeroTrainingMasterTest {
    private static final double TOLERANCE = 1e-5;
    private static final int RANKS = 2;
    private static final int BATCH = 8;
    private static final int STEPS = 50;
    /** The last step is not full, nor shared equally. */
    private static final DataSet EXAMPLES = Networks.examples((STEPS - 1) * RANKS * BATCH + 5);

    private static ExecutorJvms executors;

    @BeforeAll
    static void start() throws IOException {
        executors = ExecutorJvms.start(RANKS, "spark.executorEnv.OMP_NUM_THREADS", "1");
    }

    @AfterAll
    static void stop() {
        executors.close();
    }

    static Stream<Arguments> everyNetwork() {
        return Stream.of(Kind.values()).flatMap(kind -> Stream.of(new Adam(0.005), new Nesterovs(0.05, 0.9))
                .map(updater -> Arguments.of(kind, updater)));
    }

    @ParameterizedTest
    @MethodSource("everyNetwork")
    void layers_become_those_of_one_process(Kind kind, IUpdater updater) {
        MultiLayerNetwork alone = new MultiLayerNetwork(Networks.layers(kind, settings(updater)));
        alone.init();
        MultiLayerNetwork shared = alone.clone();
        Networks.cut(EXAMPLES, RANKS * BATCH).forEach(alone::fit);

        new SparkDl4jMultiLayer(executors.spark(), shared, master()).fit(data());

        requireSame(shared.params(), alone.params());
        requireSame(
                shared.getUpdater().getStateViewArray(), ((MultiLayerUpdater) alone.getUpdater()).getStateViewArray());
        assertThat(shared.getIterationCount()).isEqualTo(STEPS);
        assertThat(shared.score()).isCloseTo(alone.score(), within(TOLERANCE));
    }

    @ParameterizedTest
    @MethodSource("everyNetwork")
    void graphs_become_those_of_one_process(Kind kind, IUpdater updater) {
        ComputationGraph alone = new ComputationGraph(Networks.graph(kind, settings(updater)));
        alone.init();
        ComputationGraph shared = alone.clone();
        Networks.cut(EXAMPLES, RANKS * BATCH).forEach(alone::fit);

        new SparkComputationGraph(executors.spark(), shared, master()).fit(data());

        requireSame(shared.params(), alone.params());
        requireSame(shared.getUpdater().getStateViewArray(), alone.getUpdater().getStateViewArray());
    }

    @Test
    void a_lost_executor_is_named_and_another_fit_trains() {
        MultiLayerNetwork alone = new MultiLayerNetwork(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        alone.init();
        MultiLayerNetwork shared = alone.clone();
        ZeroTrainingMaster master = master();
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(executors.spark(), shared, master);
        DyingRank dying = new DyingRank();
        master.addHook(dying);

        assertThatThrownBy(() -> onSpark.fit(data()))
                .isInstanceOf(RunFailure.class)
                .message()
                .matches("rank 1 of 2 on \\S+ was lost with executor \\d+: .*");

        requireSame(shared.params(), alone.params());
        master.removeHook(dying);
        Networks.cut(EXAMPLES, RANKS * BATCH).forEach(alone::fit);
        onSpark.fit(data());
        requireSame(shared.params(), alone.params());
    }

    /** Ends its process in the third step of rank 1, which it knows by its first example. */
    private static final class DyingRank implements TrainingHook {
        private static final long serialVersionUID = 1L;

        @Override
        public void preUpdate(org.nd4j.linalg.dataset.api.DataSet examples, Model model) {
            INDArray marked = EXAMPLES.getFeatures().getRow(2 * RANKS * BATCH + BATCH);
            if (examples.getFeatures().getRow(0).equalsWithEps(marked, 0)) {
                Runtime.getRuntime().halt(9);
            }
        }

        @Override
        public void postUpdate(org.nd4j.linalg.dataset.api.DataSet examples, Model model) {}

        @Override
        public void preUpdate(MultiDataSet examples, Model model) {}

        @Override
        public void postUpdate(MultiDataSet examples, Model model) {}
    }

    private static NeuralNetConfiguration.Builder settings(IUpdater updater) {
        return new NeuralNetConfiguration.Builder().seed(5).l2(1e-3).updater(updater);
    }

    private static ZeroTrainingMaster master() {
        return new ZeroTrainingMaster.Builder(RANKS).batchSizePerWorker(BATCH).build();
    }

    /** In data sets and partitions that fit no rank. */
    private static JavaRDD<DataSet> data() {
        List<DataSet> sets = Networks.cut(EXAMPLES, 3);
        return executors.spark().parallelize(sets, 5);
    }

    private static void requireSame(INDArray actual, INDArray expected) {
        double difference = actual.sub(expected).amaxNumber().doubleValue();
        assertThat(difference).isLessThan(TOLERANCE);
    }
}
