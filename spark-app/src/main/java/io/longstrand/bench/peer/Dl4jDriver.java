package io.longstrand.bench.peer;

import io.longstrand.spark.dl4j.FitReport;
import io.longstrand.spark.dl4j.ZeroTrainingMaster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.dataset.DataSet;

/**
 * The main class of a driver that trains with one contender on two executors and prints what it measured as lines
 * {@code key=value}. Arguments: {@code time contender hidden batches passes} or {@code traffic contender hidden batches}.
 */
public final class Dl4jDriver {
    private static final int RANKS = 2;
    private static final int BATCH = 32;
    private static final int HELD_OUT = 1024;
    /** Nobody needs so many times the passes of one process, unless it does not get there at all. */
    private static final int PATIENCE = 6;
    /** One process's loss is reached when rounding is all that is between. */
    private static final double ROUNDING = 1.001;

    private final Dl4jContender contender;
    private final JavaSparkContext spark;

    private Dl4jDriver(Dl4jContender contender, JavaSparkContext spark) {
        this.contender = contender;
        this.spark = spark;
    }

    /** Runs. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        SparkConf settings = new SparkConf()
                .setMaster("local-cluster[" + RANKS + ",1,1024]")
                .setAppName("longstrand bench dl4j")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                // The time to reach executors is no contender's.
                .set("spark.scheduler.minRegisteredResourcesRatio", "1.0")
                .set("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s")
                .set("spark.executorEnv.OMP_NUM_THREADS", "1");
        try (JavaSparkContext spark = new JavaSparkContext(settings)) {
            Dl4jDriver driver = new Dl4jDriver(Dl4jContender.named(arguments[1]), spark);
            int hidden = Integer.parseInt(arguments[2]);
            int batches = Integer.parseInt(arguments[3]);
            driver.warmUp();
            tell("pinned", new ExecutorProcesses().pin());
            if (arguments[0].equals("time")) {
                driver.time(new Dl4jProblem(hidden, batches, BATCH), Integer.parseInt(arguments[4]));
            } else {
                driver.traffic(hidden, batches);
            }
        }
        System.exit(0);
    }

    /** Loads and compiles on driver and executors, with a network and an RDD that are not measured. */
    private void warmUp() {
        Dl4jProblem small = new Dl4jProblem(16, 4, BATCH);
        MultiLayerNetwork network = small.network();
        fit(network, small.distributed(spark), 2);
    }

    private SparkDl4jMultiLayer fit(MultiLayerNetwork network, JavaRDD<DataSet> data, int passes) {
        TrainingMaster<?, ?> master = contender.master(RANKS, BATCH);
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(spark, network, master);
        for (int pass = 0; pass < passes; pass++) {
            onSpark.fit(data);
        }
        master.deleteTempFiles(spark);
        return onSpark;
    }

    /** How long it takes to the loss that one process has after some passes over the same batches. */
    private void time(Dl4jProblem problem, int passes) {
        DataSet heldOut = problem.heldOut(HELD_OUT);
        MultiLayerNetwork alone = problem.network();
        for (int pass = 0; pass < passes; pass++) {
            problem.together(RANKS).forEach(alone::fit);
        }
        double target = alone.score(heldOut) * ROUNDING;
        MultiLayerNetwork network = problem.network();
        TrainingMaster<?, ?> master = contender.master(RANKS, BATCH);
        SparkDl4jMultiLayer onSpark = new SparkDl4jMultiLayer(spark, network, master);
        JavaRDD<DataSet> data = problem.distributed(spark);
        double seconds = 0;
        double loss = Double.POSITIVE_INFINITY;
        int pass = 0;
        while (loss > target && pass < PATIENCE * passes) {
            long began = System.nanoTime();
            onSpark.fit(data);
            seconds += (System.nanoTime() - began) / 1e9;
            pass++;
            loss = network.score(heldOut);
        }
        master.deleteTempFiles(spark);
        if (master instanceof ZeroTrainingMaster zero) {
            long whole = network.getUpdater().getStateViewArray().length() * Float.BYTES;
            long most = zero.reports().stream()
                    .mapToLong(FitReport::stateBytes)
                    .max()
                    .orElseThrow();
            tell("stateToWhole", (double) most / whole);
        }
        tell("target", target);
        tell("loss", loss);
        tell("reached", loss <= target);
        tell("passes", pass);
        tell("seconds", seconds);
    }

    /** What passes through this process in a step: what more steps in one pass add to it. */
    private void traffic(int hidden, int batches) throws IOException {
        List<Long> bytes = new ArrayList<>();
        // The first time also loads what this size needs.
        for (int times : new int[] {1, 1, 3}) {
            Dl4jProblem problem = new Dl4jProblem(hidden, batches * times, BATCH);
            MultiLayerNetwork network = problem.network();
            JavaRDD<DataSet> data = problem.distributed(spark);
            long before = new ProcessTraffic().bytes();
            fit(network, data, 1);
            bytes.add(new ProcessTraffic().bytes() - before);
            tell("parameters", network.numParams());
        }
        double steps = 2.0 * batches / RANKS;
        tell("bytesPerStep", (bytes.get(2) - bytes.get(1)) / steps);
        tell("bytesOnce", 1.5 * bytes.get(1) - 0.5 * bytes.get(2));
    }

    private static void tell(String key, Object value) {
        System.out.println(key + "=" + value);
    }
}
