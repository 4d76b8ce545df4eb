package io.longstrand.spark.dl4j;

import static io.longstrand.spark.dl4j.LocalSpark.BATCH;
import static io.longstrand.spark.dl4j.LocalSpark.EXAMPLES;
import static io.longstrand.spark.dl4j.LocalSpark.RANKS;
import static io.longstrand.spark.dl4j.LocalSpark.master;
import static io.longstrand.spark.dl4j.LocalSpark.network;
import static io.longstrand.spark.dl4j.LocalSpark.requireSame;
import static io.longstrand.spark.dl4j.LocalSpark.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.spark.dl4j.Networks.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.listeners.ScoreIterationListener;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ScheduleType;
import org.nd4j.linalg.schedule.StepSchedule;

/** Ranks that are tasks of one local Spark train as one process does, whatever the network is configured to do. */
class LocalRanksTest {
    private static LocalSpark spark;

    @BeforeAll
    static void start() {
        spark = new LocalSpark();
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    static Stream<IUpdater> everyOtherUpdater() {
        return Stream.of(
                new Sgd(new StepSchedule(ScheduleType.ITERATION, 0.1, 0.5, 2)),
                new AMSGrad(0.005),
                new AdaDelta(),
                new AdaGrad(0.01),
                new AdaMax(0.005),
                new Nadam(0.005),
                new RmsProp(0.005));
    }

    @ParameterizedTest
    @MethodSource("everyOtherUpdater")
    void every_updater_is_that_of_one_process(IUpdater updater) {
        spark.requireSameAsOneProcess(
                Networks.layers(Kind.DENSE, settings(updater).l1(1e-4)), EXAMPLES);
    }

    @ParameterizedTest
    @EnumSource(value = GradientNormalization.class, mode = EnumSource.Mode.EXCLUDE, names = "None")
    void gradients_are_normalised_by_norms_of_whole_layers(GradientNormalization normalization) {
        spark.requireSameAsOneProcess(
                Networks.layers(
                        Kind.DENSE,
                        settings(new Adam(0.005))
                                .weightDecay(0.01)
                                .gradientNormalization(normalization)
                                .gradientNormalizationThreshold(0.05)),
                EXAMPLES);
    }

    @Test
    void sums_over_examples_stay_sums() {
        spark.requireSameAsOneProcess(
                Networks.layers(Kind.DENSE, settings(new Sgd(0.01)).miniBatch(false)), EXAMPLES);
    }

    @Test
    void layers_with_updaters_of_their_own_keep_them() {
        MultiLayerConfiguration configuration = settings(new Adam(0.005))
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(Networks.INPUTS)
                        .nOut(11)
                        .updater(new Sgd(0.1))
                        .build())
                .layer(new DenseLayer.Builder()
                        .nIn(11)
                        .nOut(7)
                        .updater(new AMSGrad(0.01))
                        .biasUpdater(new RmsProp(0.01))
                        .build())
                .layer(output(7))
                .build();
        spark.requireSameAsOneProcess(configuration, EXAMPLES);
    }

    @Test
    void another_pass_goes_on_with_the_updaters_state() {
        MultiLayerNetwork alone = network(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        MultiLayerNetwork shared = alone.clone();
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(spark.context(), shared, master().build());
        JavaRDD<DataSet> data = spark.context().parallelize(Networks.cut(EXAMPLES, 3), 4);
        for (int pass = 0; pass < 3; pass++) {
            Networks.cut(EXAMPLES, RANKS * BATCH).forEach(alone::fit);
            alone.incrementEpochCount();
            onSpark.fit(data);
        }
        requireSame(shared, alone);
        assertThat(shared.getEpochCount()).isEqualTo(3);
    }

    @Test
    void data_sets_are_read_from_files(@TempDir Path directory) {
        MultiLayerNetwork alone = network(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        MultiLayerNetwork shared = alone.clone();
        Networks.cut(EXAMPLES, RANKS * BATCH).forEach(alone::fit);
        List<String> files = new ArrayList<>();
        for (DataSet set : Networks.cut(EXAMPLES, 5)) {
            Path file = directory.resolve("set-" + files.size() + ".bin");
            set.save(file.toFile());
            files.add(file.toUri().toString());
        }

        new SparkDl4jMultiLayer(spark.context(), shared, master().build())
                .fitPaths(spark.context().parallelize(files, 3));

        requireSame(shared, alone);
    }

    @Test
    void another_loader_gives_the_same_paths_other_data() {
        MultiLayerNetwork alone = network(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        MultiLayerNetwork shared = alone.clone();
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(spark.context(), shared, master().build());
        JavaRDD<String> paths = spark.context().parallelize(List.of("file:///anything"), 1);
        for (double factor : new double[] {1, -3}) {
            Networks.cut(scaled(factor), RANKS * BATCH).forEach(alone::fit);
            onSpark.fitPaths(paths, source -> scaled(factor));
        }
        requireSame(shared, alone);
    }

    private static DataSet scaled(double factor) {
        return new DataSet(EXAMPLES.getFeatures().mul(factor), EXAMPLES.getLabels());
    }

    @Test
    void one_partition_feeds_all_ranks() {
        MultiLayerNetwork alone = network(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        MultiLayerNetwork shared = alone.clone();
        Networks.cut(EXAMPLES, RANKS * BATCH).forEach(alone::fit);

        new SparkDl4jMultiLayer(spark.context(), shared, master().build())
                .fit(spark.context().parallelize(List.of(EXAMPLES), 1));

        requireSame(shared, alone);
    }

    @Test
    void graphs_with_several_inputs_are_trained_too() {
        ComputationGraph alone = new ComputationGraph(settings(new Adam(0.005))
                .graphBuilder()
                .addInputs("numbers", "same")
                .addLayer("left", dense(), "numbers")
                .addLayer("right", dense(), "same")
                .addLayer("out", output(20), "left", "right")
                .setOutputs("out")
                .build());
        alone.init();
        ComputationGraph shared = alone.clone();
        for (DataSet batch : Networks.cut(EXAMPLES, RANKS * BATCH)) {
            alone.fit(twice(batch));
        }
        List<MultiDataSet> sets = new ArrayList<>();
        for (DataSet set : Networks.cut(EXAMPLES, 5)) {
            sets.add(twice(set));
        }

        new SparkComputationGraph(spark.context(), shared, master().build())
                .fitMultiDataSet(spark.context().parallelize(sets, 3));

        assertThat(shared.params().sub(alone.params()).amaxNumber().doubleValue())
                .isLessThan(LocalSpark.TOLERANCE);
    }

    private static MultiDataSet twice(DataSet set) {
        INDArray features = set.getFeatures();
        return new org.nd4j.linalg.dataset.MultiDataSet(
                new INDArray[] {features, features.mul(0.5)}, new INDArray[] {set.getLabels()});
    }

    private static DenseLayer dense() {
        return new DenseLayer.Builder()
                .nIn(Networks.INPUTS)
                .nOut(10)
                .activation(Activation.TANH)
                .build();
    }

    @Test
    void a_rank_trains_with_its_slice_of_the_state_and_no_more() {
        ZeroTrainingMaster master = master().build();
        MultiLayerNetwork network = network(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        new SparkDl4jMultiLayer(spark.context(), network, master)
                .fit(spark.context().parallelize(Networks.cut(EXAMPLES, 3), 4));

        long whole = network.getUpdater().getStateViewArray().length() * Float.BYTES;
        assertThat(master.reports()).hasSize(RANKS).allSatisfy(report -> assertThat(report.stateBytes())
                .isBetween(whole / 2 - 8, whole / 2 + 8));
        // Half of the gradients one way and half of the updates the other, and a score, five times.
        assertThat(master.reports().get(0).sentBytes())
                .isBetween(5L * network.numParams() * Float.BYTES, 5L * network.numParams() * Float.BYTES + 100);
    }

    @Test
    void truncated_sequences_are_updated_segment_by_segment() {
        spark.requireSameAsOneProcess(
                Networks.truncated(settings(new Adam(0.005))), Networks.sequences(RANKS * BATCH * 2, 7));
    }

    /** Each rank's part of a step is the same, so that its statistics are those of the whole batch. */
    @Test
    void running_estimates_of_batch_normalisation_are_means_over_ranks() {
        MultiLayerConfiguration configuration = settings(new Adam(0.005))
                .list()
                .layer(dense())
                .layer(new BatchNormalization.Builder().nOut(10).build())
                .layer(output(10))
                .build();
        List<DataSet> twice = new ArrayList<>();
        for (DataSet part : Networks.cut(Networks.examples(12), BATCH)) {
            twice.add(part);
            twice.add(part);
        }
        spark.requireSameAsOneProcess(configuration, DataSet.merge(twice));
    }

    private static OutputLayer output(int inputs) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(Networks.CLASSES)
                .activation(Activation.SOFTMAX)
                .build();
    }

    @Test
    void a_listener_hears_each_step_once_with_the_score_of_all_examples(@TempDir Path directory) throws IOException {
        MultiLayerNetwork alone = network(Networks.layers(Kind.DENSE, settings(new Adam(0.005))));
        MultiLayerNetwork shared = alone.clone();
        List<Double> expected = new ArrayList<>();
        for (DataSet batch : Networks.cut(EXAMPLES, RANKS * BATCH)) {
            alone.fit(batch);
            expected.add(alone.score());
        }
        Path file = directory.resolve("scores");
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(spark.context(), shared, master().build());
        onSpark.setListeners(new ScoreFile(file.toString()));
        onSpark.fit(spark.context().parallelize(Networks.cut(EXAMPLES, 3), 4));

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(expected.size());
        for (int step = 0; step < expected.size(); step++) {
            assertThat(Double.parseDouble(lines.get(step))).isCloseTo(expected.get(step), within(LocalSpark.TOLERANCE));
        }
    }

    /** Appends scores to a file. */
    private static final class ScoreFile extends ScoreIterationListener {
        private final String file;

        ScoreFile(String file) {
            this.file = file;
        }

        @Override
        public void iterationDone(Model model, int iteration, int epoch) {
            try {
                Files.writeString(
                        Path.of(file), model.score() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Test
    void statistics_tell_where_the_time_went(@TempDir Path directory) throws IOException {
        ZeroTrainingMaster master = master().collectTrainingStats(true).build();
        new SparkDl4jMultiLayer(spark.context(), network(Networks.layers(Kind.DENSE, settings(new Adam()))), master)
                .fit(spark.context().parallelize(Networks.cut(EXAMPLES, 3), 4));

        SparkTrainingStats stats = master.getTrainingStats();
        assertThat(stats.getKeySet()).contains("ZeroTrainingMasterTrainTimesMs", "ZeroTrainingRankStepTimesMs");
        assertThat(stats.getValue("ZeroTrainingRankStepTimesMs")).hasSize(RANKS * 5);
        assertThat(stats.statsAsString()).contains("ZeroTrainingRankExchangeTimesMs");
        stats.exportStatFiles(directory.toString(), spark.context().sc());
        assertThat(Files.readAllLines(directory.resolve("ZeroTrainingRankStepTimesMs.txt")))
                .hasSize(1 + RANKS * 5);
    }

    @Test
    void configuration_survives_json_and_yaml() {
        ZeroTrainingMaster master = new ZeroTrainingMaster.Builder(3)
                .batchSizePerWorker(7)
                .operationTimeout(Duration.ofSeconds(90))
                .build();
        assertThat(ZeroTrainingMaster.fromJson(master.toJson())).isEqualTo(master);
        assertThat(ZeroTrainingMaster.fromYaml(master.toYaml())).isEqualTo(master);
        ZeroTrainingMaster usual = new ZeroTrainingMaster.Builder().build();
        assertThat(ZeroTrainingMaster.fromJson(usual.toJson())).isEqualTo(usual).isNotEqualTo(master);
    }
}
