package io.longstrand.spark.launch;

import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import java.io.Serializable;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * Runs one barrier task per partition of an RDD, each a rank that talks to the others directly. For work that Spark
 * itself feeds: it needs no plugin, so an application that opened Spark its own way can start ranks.
 */
public final class PartitionLauncher {
    private static final Duration TELLING = Duration.ofSeconds(8);
    private static final Duration ENDING = Duration.ofSeconds(3);

    private final SparkContext spark;
    private final CommSection overHosts;

    /** @param operationTimeout longest time one operation between ranks may take */
    public PartitionLauncher(SparkContext spark, Duration operationTimeout) {
        this.spark = spark;
        overHosts = new CommSection(CommSection.Transport.TCP, operationTimeout, CommSection.Encryption.AUTO);
    }

    /** How many ranks Spark can run at once, as of now. */
    public int slots() {
        return new Slots(spark).available();
    }

    /** Waits for executors that are still registering. @return how many ranks can run at once, as many as asked at most */
    public int awaitSlots(int ranks) {
        return new Slots(spark).await(ranks);
    }

    /**
     * Runs the work on every partition at once.
     *
     * @param partitions as many as ranks; without a parent, or a shuffle's result
     * @return what each rank returned, by rank
     * @throws UserError when the earliest failure of a rank was one; likewise {@link EnvironmentError}
     * @throws RunFailure when it was one, or a rank was lost with its executor, naming the rank and its host
     * @throws RankException for any other failure, naming the earliest rank, its host and the cause
     */
    public <T, R extends Serializable> List<R> launch(RDD<T> partitions, PartitionWork<T, R> work) {
        String launch = UUID.randomUUID().toString();
        PartitionWatch watch = new PartitionWatch(launch, partitions.getNumPartitions());
        Rendezvous rendezvous = new Rendezvous(launch, overHosts, spark.getConf());
        String before = spark.getLocalProperty(PartitionWatch.LAUNCH);
        spark.setLocalProperty(PartitionWatch.LAUNCH, launch);
        spark.addSparkListener(watch);
        try {
            return collect(partitions, new PartitionTask<>(rendezvous, work));
        } catch (Exception e) {
            // Scala does not declare the checked SparkException of a failed job.
            throw watch.cause(e, TELLING, ENDING);
        } finally {
            spark.removeSparkListener(watch);
            spark.setLocalProperty(PartitionWatch.LAUNCH, before);
        }
    }

    private static <T, R extends Serializable> List<R> collect(RDD<T> partitions, PartitionTask<T, R> task) {
        ClassTag<byte[]> tag = ClassTag$.MODULE$.apply(byte[].class);
        RDD<byte[]> results = partitions.barrier().mapPartitions(task, false, tag);
        return new JavaRDD<>(results, tag)
                .collect().stream()
                        .map(Results::<R>read)
                        .sorted(Comparator.comparingInt(RankResult::rank))
                        .map(RankResult::value)
                        .toList();
    }
}
