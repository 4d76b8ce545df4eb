package io.longstrand.spark.dl4j;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.datavec.spark.util.BroadcastHadoopConfigHolder;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.nn.graph.util.ComputationGraphUtil;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.data.loader.RemoteFileSourceFactory;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Trains DL4J networks on Spark as one process with the whole batch would: a drop-in for
 * {@code ParameterAveragingTrainingMaster}. The ranks of one barrier stage train together; in every step gradients are
 * reduce-scattered, each rank's updater computes its slice with its slice of the updater's state, and the slices are
 * gathered (ZeRO, Rajbhandari et al. 2020). No minibatch, gradient or parameter passes through the driver: it hands out
 * configuration, parameters and state once a pass over the RDD, and gets them back from the ranks at its end. What it
 * handed out, a slice of the state for each rank among it, Spark keeps on the executors beside what ranks train with,
 * in memory or on disk, until the pass ends.
 *
 * <p>A step trains on the next {@code ranks × batchSizePerWorker} examples in the order of the RDD, however they are
 * spread over its partitions and data sets; the last step on what is left. Gradients are weighted by examples, so the
 * result is that of one process with this batch, up to rounding, but where a layer looks at its whole minibatch:
 * batch normalisation normalises each rank's part by its own statistics, and its running estimates are the means over
 * the ranks; dropout draws other numbers on every rank.
 *
 * <pre>{@code
 * TrainingMaster<?, ?> master = new ZeroTrainingMaster.Builder().batchSizePerWorker(32).build();
 * new SparkDl4jMultiLayer(spark, network, master).fit(data);
 * }</pre>
 *
 * <p>Listeners are called on rank 0, with the score of all examples of the step; they have to be serialisable. Fits raise
 * {@link UserError} for a network or data that cannot be trained so, {@link EnvironmentError} where Spark has too few
 * slots, and {@link RunFailure} when a rank is lost: the driver's network is then as it was before the fit.
 */
public final class ZeroTrainingMaster implements TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>> {
    private final TrainingSettings settings;
    private final List<TrainingHook> hooks = new ArrayList<>();
    private List<TrainingListener> listeners = List.of();
    private StatsStorageRouter router;
    private boolean collectTrainingStats;
    private ZeroTrainingStats stats;
    private SharedTraining.Prepared prepared;
    private List<FitReport> reports = List.of();

    private ZeroTrainingMaster(TrainingSettings settings) {
        this.settings = settings;
    }

    /** What {@link #toJson} wrote. @throws IllegalArgumentException when it is something else */
    public static ZeroTrainingMaster fromJson(String json) {
        return new ZeroTrainingMaster(TrainingSettings.ofJson(json));
    }

    /** What {@link #toYaml} wrote. @throws IllegalArgumentException when it is something else */
    public static ZeroTrainingMaster fromYaml(String yaml) {
        return new ZeroTrainingMaster(TrainingSettings.ofYaml(yaml));
    }

    @Override
    public String toJson() {
        return settings.json();
    }

    @Override
    public String toYaml() {
        return settings.yaml();
    }

    @Override
    public void addHook(TrainingHook hook) {
        hooks.add(hook);
    }

    @Override
    public void removeHook(TrainingHook hook) {
        hooks.remove(hook);
    }

    /** There are no workers to be had: ranks train together or not at all. @throws UnsupportedOperationException always */
    @Override
    public TrainingWorker<TrainingResult> getWorkerInstance(SparkDl4jMultiLayer network) {
        throw noWorker();
    }

    /** Likewise. */
    @Override
    public TrainingWorker<TrainingResult> getWorkerInstance(SparkComputationGraph graph) {
        throw noWorker();
    }

    private static UnsupportedOperationException noWorker() {
        return new UnsupportedOperationException(
                "ranks of a ZeroTrainingMaster train together, none by itself; call fit on the Spark network");
    }

    @Override
    public void executeTraining(SparkDl4jMultiLayer network, JavaRDD<DataSet> data) {
        train(
                new Trainee.Layers(network),
                network.getSparkContext(),
                ExampleSource.of(data),
                () -> data.map(ZeroTrainingMaster::multiple));
    }

    @Override
    public void executeTraining(SparkComputationGraph graph, JavaRDD<DataSet> data) {
        train(
                new Trainee.Graph(graph),
                graph.getSparkContext(),
                ExampleSource.of(data),
                () -> data.map(ZeroTrainingMaster::multiple));
    }

    @Override
    public void executeTrainingMDS(SparkComputationGraph graph, JavaRDD<MultiDataSet> data) {
        train(new Trainee.Graph(graph), graph.getSparkContext(), ExampleSource.of(data), () -> data.map(set -> set));
    }

    @Override
    public void executeTrainingPaths(
            SparkDl4jMultiLayer network,
            SparkComputationGraph graph,
            JavaRDD<String> paths,
            DataSetLoader loader,
            MultiDataSetLoader multipleLoader) {
        JavaSparkContext spark = network == null ? graph.getSparkContext() : network.getSparkContext();
        RemoteFileSourceFactory files = new RemoteFileSourceFactory(BroadcastHadoopConfigHolder.get(spark));
        Trainee trainee = network == null ? new Trainee.Graph(graph) : new Trainee.Layers(network);
        train(
                trainee,
                spark,
                ExampleSource.of(paths, loader == null ? multipleLoader : loader),
                () -> paths.map(path -> loader == null
                        ? multipleLoader.load(files.getSource(path))
                        : multiple(loader.load(files.getSource(path)))));
    }

    private static MultiDataSet multiple(DataSet set) {
        return ComputationGraphUtil.toMultiDataSet(set);
    }

    private void train(
            Trainee trainee, JavaSparkContext spark, ExampleSource source, Supplier<JavaRDD<MultiDataSet>> data) {
        Timeline timeline = new Timeline(collectTrainingStats);
        Observers observers = Observers.of(listeners, hooks, router != null);
        List<RankOutcome> outcomes = new ArrayList<>();
        prepared = new SharedTraining(spark, settings, timeline)
                .run(trainee, source, data, prepared, observers, collectTrainingStats, outcomes);
        reports = outcomes.stream().map(RankOutcome::report).toList();
        if (collectTrainingStats) {
            add(timeline.stats());
            outcomes.forEach(outcome -> add(outcome.stats()));
        }
        if (router != null) {
            RankOutcome.Recorded recorded = outcomes.get(0).recorded();
            router.putStorageMetaData(recorded.metaData());
            router.putStaticInfo(recorded.staticInfo());
            router.putUpdate(recorded.updates());
        }
    }

    private void add(ZeroTrainingStats more) {
        if (stats == null) {
            stats = more;
        } else {
            stats.addOtherTrainingStats(more);
        }
    }

    @Override
    public void setCollectTrainingStats(boolean collect) {
        collectTrainingStats = collect;
    }

    @Override
    public boolean getIsCollectTrainingStats() {
        return collectTrainingStats;
    }

    @Override
    public SparkTrainingStats getTrainingStats() {
        return stats;
    }

    /** What each rank of the last fit trained with and sent; nothing before the first. */
    public List<FitReport> reports() {
        return reports;
    }

    @Override
    public void setListeners(Collection<TrainingListener> listeners) {
        setListeners(null, listeners);
    }

    @Override
    public void setListeners(StatsStorageRouter router, Collection<TrainingListener> listeners) {
        this.router = router;
        this.listeners = listeners == null ? List.of() : List.copyOf(listeners);
    }

    /** There are none; what Spark's shuffle keeps of the last RDD is let go. */
    @Override
    public boolean deleteTempFiles(JavaSparkContext spark) {
        return deleteTempFiles(spark.sc());
    }

    /** Likewise. */
    @Override
    public boolean deleteTempFiles(SparkContext spark) {
        prepared = null;
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ZeroTrainingMaster master && settings.equals(master.settings);
    }

    @Override
    public int hashCode() {
        return settings.hashCode();
    }

    @Override
    public String toString() {
        return "ZeroTrainingMaster" + settings;
    }

    /** Configures a {@link ZeroTrainingMaster}. */
    public static final class Builder {
        private static final int USUAL_BATCH = 16;
        private static final Duration USUAL_TIMEOUT = Duration.ofMinutes(10);

        private final Integer ranks;
        private int batchSizePerWorker = USUAL_BATCH;
        private Duration operationTimeout = USUAL_TIMEOUT;
        private boolean collectTrainingStats;
        private final List<TrainingHook> hooks = new ArrayList<>();

        /** As many ranks as Spark can run at once when training begins. */
        public Builder() {
            ranks = null;
        }

        /** @param ranks how many train, each on a slot of Spark; at least 1 */
        public Builder(int ranks) {
            this.ranks = ranks;
        }

        /** Examples of one rank in one step; 16 unless set. */
        public Builder batchSizePerWorker(int examples) {
            batchSizePerWorker = examples;
            return this;
        }

        /** Longest time one operation between ranks may take, waiting for the slowest included; 10 minutes unless set. */
        public Builder operationTimeout(Duration longest) {
            operationTimeout = longest;
            return this;
        }

        /** Whether times are noted for {@link ZeroTrainingMaster#getTrainingStats}. */
        public Builder collectTrainingStats(boolean collect) {
            collectTrainingStats = collect;
            return this;
        }

        /** Called on every rank before and after each step. */
        public Builder trainingHooks(TrainingHook... called) {
            hooks.addAll(List.of(called));
            return this;
        }

        /** @throws IllegalArgumentException for ranks, a batch or a timeout below one */
        public ZeroTrainingMaster build() {
            ZeroTrainingMaster master =
                    new ZeroTrainingMaster(new TrainingSettings(ranks, batchSizePerWorker, operationTimeout));
            master.setCollectTrainingStats(collectTrainingStats);
            hooks.forEach(master::addHook);
            return master;
        }
    }
}
