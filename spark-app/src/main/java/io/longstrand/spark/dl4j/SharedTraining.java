package io.longstrand.spark.dl4j;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import io.longstrand.spark.launch.PartitionLauncher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import scala.Tuple2;

/** One training of a network over an RDD as the driver sees it: checks, hands out, launches, collects. */
final class SharedTraining {
    /**
     * An RDD as the ranks get it. Spark keeps what its shuffle wrote as long as this is there, so that another pass over
     * the same RDD begins at once.
     *
     * @param source where its data sets are from
     * @param data its data sets, kept on executors until the shuffle has them
     */
    record Prepared(
            ExampleSource source, JavaRDD<MultiDataSet> data, ExampleCut cut, RDD<Tuple2<Long, MultiDataSet>> pieces) {}

    private final JavaSparkContext spark;
    private final TrainingSettings settings;
    private final Timeline timeline;
    private final PartitionLauncher launcher;

    SharedTraining(JavaSparkContext spark, TrainingSettings settings, Timeline timeline) {
        this.spark = spark;
        this.settings = settings;
        this.timeline = timeline;
        launcher = new PartitionLauncher(spark.sc(), settings.operationTimeout());
    }

    /**
     * Trains.
     *
     * @param source where the data sets are from
     * @param data gives the data sets
     * @param before what an earlier pass prepared; null before the first
     * @param collectStats whether ranks note times
     * @return what the ranks brought back, and what was prepared
     * @throws UserError when the network cannot be trained in slices, a data set has neither features nor labels, or
     *     there are fewer examples than ranks
     * @throws EnvironmentError when Spark has fewer slots than ranks
     */
    Prepared run(
            Trainee trainee,
            ExampleSource source,
            Supplier<JavaRDD<MultiDataSet>> data,
            Prepared before,
            Observers observers,
            boolean collectStats,
            List<RankOutcome> outcomes) {
        new NetworkCheck(trainee).run();
        int ranks = ranks();
        StateLayout layout = new StateLayout(
                trainee.updater().getUpdaterBlocks().stream().map(BlockSpan::of).toList(), ranks);
        Prepared prepared =
                before != null && before.source().equals(source) && before.cut().ranks() == ranks
                        ? before
                        : prepare(source, data.get(), ranks);
        List<Broadcast<?>> broadcasts = new ArrayList<>();
        try {
            NetworkRank work = timeline.time(
                    Phase.BROADCAST,
                    () -> handOut(trainee, layout, prepared.cut(), observers, collectStats, broadcasts));
            outcomes.addAll(timeline.time(Phase.TRAIN, () -> launcher.launch(prepared.pieces(), work)));
        } finally {
            prepared.data().unpersist(false);
            broadcasts.forEach(broadcast -> broadcast.destroy());
        }
        collect(trainee, layout, outcomes);
        return prepared;
    }

    private int ranks() {
        if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new EnvironmentError("ranks run side by side for the whole training and need executors that stay; set"
                    + " spark.dynamicAllocation.enabled=false");
        }
        int wanted = settings.ranks() == null ? Math.max(1, launcher.slots()) : settings.ranks();
        int slots = launcher.awaitSlots(wanted);
        if (slots < wanted) {
            throw new EnvironmentError(wanted + " ranks need " + wanted + " slots at once, and "
                    + spark.sc().master() + " has " + slots + "; ask for fewer (new ZeroTrainingMaster.Builder("
                    + Math.max(1, slots) + ")) or give Spark more executors or cores");
        }
        return wanted;
    }

    private Prepared prepare(ExampleSource source, JavaRDD<MultiDataSet> data, int ranks) {
        // Read twice: to count, and to cut.
        data.persist(StorageLevel.MEMORY_AND_DISK_SER());
        try {
            ExampleFeed feed = timeline.time(Phase.COUNT, () -> new ExampleFeed(data));
            long examples = feed.examples();
            requireOneEach(ranks, examples);
            ExampleCut cut = new ExampleCut(examples, ranks, settings.batchSizePerWorker());
            return new Prepared(source, data, cut, feed.shared(cut));
        } catch (Exception e) {
            // Nobody else can let go of it: it was made for this fit. Scala does not declare what a failed job throws.
            data.unpersist(false);
            throw e;
        }
    }

    private static void requireOneEach(int ranks, long examples) {
        if (examples == 0) {
            throw new UserError("the RDD holds no examples; there is nothing to train on");
        }
        if (examples < ranks) {
            throw new UserError(ranks + " ranks need at least one example each, and the RDD holds " + examples
                    + "; give more, or ask for fewer ranks (new ZeroTrainingMaster.Builder(" + examples + "))");
        }
    }

    private NetworkRank handOut(
            Trainee trainee,
            StateLayout layout,
            ExampleCut cut,
            Observers observers,
            boolean collectStats,
            List<Broadcast<?>> broadcasts) {
        Broadcast<INDArray> parameters = spark.broadcast(trainee.parameters());
        broadcasts.add(parameters);
        StateArrays state = new StateArrays(layout, trainee.updater().getStateViewArray());
        List<Broadcast<float[]>> slices = new ArrayList<>();
        for (int rank = 0; state.whole() != null && rank < layout.ranks(); rank++) {
            slices.add(spark.broadcast(state.slice(rank)));
        }
        broadcasts.addAll(slices);
        return new NetworkRank(trainee.blueprint(), parameters, slices, layout, cut, observers, collectStats);
    }

    private static void collect(Trainee trainee, StateLayout layout, List<RankOutcome> outcomes) {
        RankOutcome first = outcomes.get(0);
        trainee.advance(first.parameters(), first.steps(), first.score());
        StateArrays state = new StateArrays(layout, trainee.updater().getStateViewArray());
        for (int rank = 0; state.whole() != null && rank < layout.ranks(); rank++) {
            state.put(rank, outcomes.get(rank).state());
        }
    }
}
