package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.metrics.RunEvent;
import io.longstrand.spark.plugin.RankFailure;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.spark.plugin.RankListeners;
import io.longstrand.train.StopAnswer;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Runs one barrier task per rank and waits for all of them. */
public final class RankLauncher {
    private final JavaSparkContext spark;

    /** @param spark opened by {@link SparkOpener} */
    public RankLauncher(JavaSparkContext spark) {
        this.spark = spark;
    }

    /**
     * Runs the work on every rank at once.
     *
     * @param world how many ranks
     * @param listener hears heartbeats, events and failures while they run
     * @return what each rank returned, by rank
     * @throws EnvironmentError within seconds, when there are fewer slots than ranks
     * @throws UserError when the earliest failure of a rank was one; likewise {@link EnvironmentError}
     * @throws RunFailure when it was one, naming the rank and its host
     * @throws RankException for any other failure, naming the earliest rank, its host and the cause
     */
    public <R extends Serializable> List<R> launch(int world, RankWork<R> work, RankListener listener) {
        requireSlots(world);
        String launch = UUID.randomUUID().toString();
        Failures failures = new Failures(listener);
        try (RankListeners.Registration registration = RankListeners.register(launch, failures)) {
            Objects.requireNonNull(registration);
            return collect(world, new RankTask<>(launch, world, localThreads(world), work));
        } catch (Exception e) {
            // Scala does not declare the checked SparkException of a failed job.
            throw failures.earliest(world, e);
        }
    }

    /** Asks ahead of work that would be for nothing. @throws EnvironmentError when there are fewer slots than ranks */
    public void requireSlots(int world) {
        new Slots(spark.sc()).require(world);
    }

    private <R extends Serializable> List<R> collect(int world, RankTask<R> task) {
        // A parentless RDD: barrier stages refuse most others.
        RDD<Integer> ranks = spark.parallelize(IntStream.range(0, world).boxed().toList(), world)
                .rdd();
        ClassTag<RankResult<R>> tag = ClassTag$.MODULE$.apply(RankResult.class);
        RDD<RankResult<R>> results = ranks.barrier().mapPartitions(task, false, tag);
        return new JavaRDD<>(results, tag)
                .collect().stream()
                        .sorted(Comparator.comparingInt(RankResult::rank))
                        .map(RankResult::value)
                        .toList();
    }

    /** In local mode all ranks share this JVM's processors; elsewhere a task has the CPUs Spark gave it. */
    private int localThreads(int world) {
        return spark.isLocal() ? Math.max(1, new Slots(spark.sc()).available() / world) : 0;
    }

    /** Keeps what failed on the way to the listener. */
    private static final class Failures implements RankListener {
        private final RankListener listener;
        private final ConcurrentLinkedQueue<RankFailure> failures = new ConcurrentLinkedQueue<>();

        Failures(RankListener listener) {
            this.listener = listener;
        }

        @Override
        public StopAnswer heartbeat(int rank, long step) {
            return listener.heartbeat(rank, step);
        }

        @Override
        public void event(int rank, RunEvent event) {
            listener.event(rank, event);
        }

        @Override
        public void failed(RankFailure failure) {
            failures.add(failure);
            listener.failed(failure);
        }

        /** The others usually failed because the earliest one did. */
        RuntimeException earliest(int world, Exception fromSpark) {
            return failures.stream()
                    .min(Comparator.comparingLong(RankFailure::atMillis).thenComparingInt(RankFailure::rank))
                    .map(failure -> raised(world, failure, fromSpark))
                    .orElseGet(() -> new RankException("Spark ended the ranks: " + fromSpark.getMessage(), fromSpark));
        }

        private static RuntimeException raised(int world, RankFailure failure, Exception fromSpark) {
            return switch (failure.kind()) {
                case USER -> new UserError(failure.message(), fromSpark);
                case ENVIRONMENT -> new EnvironmentError(failure.message() + " (on " + failure.host() + ")", fromSpark);
                case RUN -> new RunFailure(named(world, failure), fromSpark);
                case OTHER -> new RankException(named(world, failure), fromSpark);
            };
        }

        private static String named(int world, RankFailure failure) {
            return "rank " + failure.rank() + " of " + world + " on " + failure.host() + ": " + failure.message();
        }
    }
}
