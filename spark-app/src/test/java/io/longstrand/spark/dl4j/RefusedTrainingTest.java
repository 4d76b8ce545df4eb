package io.longstrand.spark.dl4j;

import static io.longstrand.spark.dl4j.LocalSpark.BATCH;
import static io.longstrand.spark.dl4j.LocalSpark.EXAMPLES;
import static io.longstrand.spark.dl4j.LocalSpark.RANKS;
import static io.longstrand.spark.dl4j.LocalSpark.master;
import static io.longstrand.spark.dl4j.LocalSpark.network;
import static io.longstrand.spark.dl4j.LocalSpark.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import io.longstrand.spark.dl4j.Networks.Kind;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkException;
import org.assertj.core.api.AbstractStringAssert;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ISchedule;

/** What a user of DL4J reads when a network, its data or its Spark does not do. */
class RefusedTrainingTest {
    private static LocalSpark spark;

    @BeforeAll
    static void start() {
        spark = new LocalSpark();
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    private static AbstractStringAssert<?> refusal(
            MultiLayerConfiguration configuration,
            List<DataSet> sets,
            ZeroTrainingMaster.Builder master,
            Class<? extends RuntimeException> error) {
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(spark.context(), network(configuration), master.build());
        return assertThatThrownBy(() -> onSpark.fit(spark.context().parallelize(sets, 2)))
                .isInstanceOf(error)
                .message();
    }

    @Test
    void an_rdd_without_examples() {
        refusal(Networks.layers(Kind.DENSE, settings(new Adam())), List.of(), master(), UserError.class)
                .isEqualTo("the RDD holds no examples; there is nothing to train on");
    }

    @Test
    void fewer_examples_than_ranks() {
        refusal(
                        Networks.layers(Kind.DENSE, settings(new Adam())),
                        Networks.cut(Networks.examples(1), 1),
                        master(),
                        UserError.class)
                .isEqualTo("2 ranks need at least one example each, and the RDD holds 1; give more, or ask for fewer"
                        + " ranks (new ZeroTrainingMaster.Builder(1))");
    }

    @Test
    void a_data_set_of_nothing() {
        SparkComputationGraph onSpark = new SparkComputationGraph(
                spark.context(), Networks.graph(Kind.DENSE, settings(new Adam())), master().build());
        MultiDataSet nothing = new org.nd4j.linalg.dataset.MultiDataSet(new INDArray[0], new INDArray[0]);
        assertThatThrownBy(() -> onSpark.fitMultiDataSet(spark.context().parallelize(List.of(nothing), 1)))
                .isInstanceOf(UserError.class)
                .hasMessage("a data set has neither features nor labels; remove it from the RDD");
        assertThat(spark.context().getPersistentRDDs()).isEmpty();
    }

    @Test
    void a_loader_that_fails_leaves_nothing_on_executors() {
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(
                spark.context(), network(Networks.layers(Kind.DENSE, settings(new Adam()))), master().build());
        assertThatThrownBy(() -> onSpark.fitPaths(
                        spark.context().parallelize(List.of("file:///anything"), 1), RefusedTrainingTest::unreadable))
                .isInstanceOf(SparkException.class)
                .hasMessageContaining("no data set lies here");
        assertThat(spark.context().getPersistentRDDs()).isEmpty();
    }

    private static DataSet unreadable(Source source) throws IOException {
        throw new IOException("no data set lies here: " + source.getPath());
    }

    @Test
    void ranks_without_a_slot() {
        refusal(
                        Networks.layers(Kind.DENSE, settings(new Adam())),
                        Networks.cut(EXAMPLES, 3),
                        new ZeroTrainingMaster.Builder(3),
                        EnvironmentError.class)
                .isEqualTo("3 ranks need 3 slots at once, and local[2] has 2; ask for fewer (new"
                        + " ZeroTrainingMaster.Builder(2)) or give Spark more executors or cores");
    }

    @Test
    void an_updater_whose_state_cannot_be_cut_by_its_layer() {
        refusal(
                        Networks.layers(Kind.DENSE, settings(new Unknown())),
                        Networks.cut(EXAMPLES, 3),
                        master(),
                        UserError.class)
                .isEqualTo("parameter W of layer 'layer0' has updater " + Unknown.class.getName()
                        + ", whose state cannot be cut into slices; use one that treats every parameter on its own:"
                        + " AMSGrad, AdaBelief, AdaDelta, AdaGrad, AdaMax, Adam, Nadam, Nesterovs, NoOp, RmsProp, Sgd");
    }

    @Test
    void a_network_of_doubles() {
        refusal(
                        Networks.layers(Kind.DENSE, settings(new Adam()).dataType(DataType.DOUBLE)),
                        Networks.cut(EXAMPLES, 3),
                        master(),
                        UserError.class)
                .isEqualTo("the network computes in DOUBLE, and ranks add up gradients in FLOAT; configure it with"
                        + " dataType(DataType.FLOAT)");
    }

    @Test
    void a_search_along_the_whole_gradient() {
        refusal(
                        Networks.layers(Kind.DENSE, settings(new Sgd()).optimizationAlgo(OptimizationAlgorithm.LBFGS)),
                        Networks.cut(EXAMPLES, 3),
                        master(),
                        UserError.class)
                .isEqualTo(
                        "the network is optimised by LBFGS, which searches along the whole gradient; configure it with"
                                + " optimizationAlgo(STOCHASTIC_GRADIENT_DESCENT)");
    }

    @Test
    void truncated_sequences_of_different_lengths() {
        refusal(
                        Networks.truncated(settings(new Adam())),
                        List.of(Networks.sequences(BATCH, 7), Networks.sequences(BATCH, 9)),
                        master(),
                        UserError.class)
                .isEqualTo("in one step the sequences of rank 0 have 7 time steps, those of rank 1 9; with truncated"
                        + " backpropagation all need the same: pad and mask them, or use BackpropType.Standard");
    }

    @Test
    void a_listener_that_cannot_travel() {
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(
                spark.context(), network(Networks.layers(Kind.DENSE, settings(new Adam()))), master().build());
        onSpark.setListeners(new BaseTrainingListener() {});
        assertThatThrownBy(() -> onSpark.fit(spark.context().parallelize(Networks.cut(EXAMPLES, 3), 4)))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("listener " + RefusedTrainingTest.class.getName())
                .hasMessageEndingWith("use one that is Serializable, such as ScoreIterationListener");
    }

    @Test
    void the_earliest_failure_of_a_rank_is_raised_and_the_network_stays_as_it_was() {
        MultiLayerNetwork network = network(Networks.layers(Kind.DENSE, settings(new Adam())));
        INDArray before = network.params().dup();
        ZeroTrainingMaster master = master().trainingHooks(new FailingHook()).build();
        assertThatThrownBy(() -> new SparkDl4jMultiLayer(spark.context(), network, master)
                        .fit(spark.context().parallelize(Networks.cut(EXAMPLES, 3), 4)))
                .message()
                .matches("rank 1 of 2 on .*: java.lang.IllegalStateException: the third step of rank 1");
        assertThat(network.params()).isEqualTo(before);
    }

    /** Fails in the third step of rank 1, which it knows by its first example. */
    private static final class FailingHook implements TrainingHook {
        private static final long serialVersionUID = 1L;

        @Override
        public void preUpdate(org.nd4j.linalg.dataset.api.DataSet examples, Model model) {
            INDArray marked = EXAMPLES.getFeatures().getRow(2 * RANKS * BATCH + BATCH);
            if (examples.getFeatures().getRow(0).equalsWithEps(marked, 0)) {
                throw new IllegalStateException("the third step of rank 1");
            }
        }

        @Override
        public void postUpdate(org.nd4j.linalg.dataset.api.DataSet examples, Model model) {}

        @Override
        public void preUpdate(MultiDataSet examples, Model model) {}

        @Override
        public void postUpdate(MultiDataSet examples, Model model) {}
    }

    /** Not one of DL4J's. */
    private static final class Unknown implements IUpdater {
        private static final long serialVersionUID = 1L;

        @Override
        public long stateSize(long parameters) {
            return parameters;
        }

        @Override
        public GradientUpdater<?> instantiate(INDArray state, boolean initialize) {
            return new Nesterovs(0.1).instantiate(state, initialize);
        }

        @Override
        public GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialize) {
            return new Nesterovs(0.1).instantiate(state, initialize);
        }

        @Override
        public IUpdater clone() {
            return new Unknown();
        }

        @Override
        public double getLearningRate(int iteration, int epoch) {
            return 0.1;
        }

        @Override
        public boolean hasLearningRate() {
            return true;
        }

        @Override
        public void setLrAndSchedule(double rate, ISchedule schedule) {}
    }
}
