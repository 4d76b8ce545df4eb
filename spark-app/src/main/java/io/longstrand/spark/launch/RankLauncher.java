package io.longstrand.spark.launch;

import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.spark.plugin.RankListeners;
import java.io.Serializable;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Runs one barrier task per rank and waits for all of them. */
public final class RankLauncher {
    /** Ranks that are well notice at once that one is lost; on a busy machine the first may take so long to say it. */
    private static final Duration TELLING = Duration.ofSeconds(8);
    /** Once one has told, the others take this long at most to end what is in progress. */
    private static final Duration ENDING = Duration.ofSeconds(3);
    /** Launches in which not every rank began, after which it is tried again: nothing was done in them. */
    private static final int FALSE_STARTS = 2;

    private static final Pause BETWEEN_STARTS = new Pause(Duration.ofSeconds(1), "executors are replaced");

    private final JavaSparkContext spark;
    private final CommSection comm;

    /** @param spark opened by {@link SparkOpener} @param comm how ranks communicate */
    public RankLauncher(JavaSparkContext spark, CommSection comm) {
        this.spark = spark;
        this.comm = comm;
    }

    /**
     * Runs the work on every rank at once.
     *
     * @param world how many ranks
     * @param listener hears heartbeats, events and failures while they run
     * @return what each rank returned, by rank
     * @throws EnvironmentError within seconds, when there are fewer slots than ranks
     * @throws UserError when the earliest failure of a rank was one; likewise {@link EnvironmentError}
     * @throws RunFailure when it was one, or a rank was lost with its executor, naming the rank and its host
     * @throws RankException for any other failure, naming the earliest rank, its host and the cause
     */
    public <R extends Serializable> List<R> launch(int world, RankWork<R> work, RankListener listener) {
        for (int left = FALSE_STARTS; ; left--) {
            try {
                return launchOnce(world, work, listener);
            } catch (FalseStart e) {
                if (left == 0 || new Slots(spark.sc()).await(world) < world) {
                    throw e.failure();
                }
                BETWEEN_STARTS.take();
            }
        }
    }

    /** A rank did not begin: its task was handed to an executor that was on its way out, as after a failed launch. */
    private static final class FalseStart extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FalseStart(RuntimeException failure) {
            super(failure);
        }

        RuntimeException failure() {
            return (RuntimeException) getCause();
        }
    }

    private <R extends Serializable> List<R> launchOnce(int world, RankWork<R> work, RankListener listener) {
        requireSlots(world);
        String launch = UUID.randomUUID().toString();
        LaunchWatch watch = new LaunchWatch(world, listener);
        spark.sc().addSparkListener(watch);
        // Ranks are heard until the last of them has told what it saw, also when Spark gave up before that.
        try (RankListeners.Registration registration = RankListeners.register(launch, watch)) {
            Objects.requireNonNull(registration);
            Rendezvous rendezvous = new Rendezvous(launch, comm, spark.getConf());
            return collect(world, new RankTask<>(launch, rendezvous, localThreads(world), work), watch);
        } finally {
            spark.sc().removeSparkListener(watch);
        }
    }

    private <R extends Serializable> List<R> collect(int world, RankTask<R> task, LaunchWatch watch) {
        try {
            return collect(world, task);
        } catch (Exception e) {
            // Scala does not declare the checked SparkException of a failed job.
            Set<LaunchWatch.Place> unresponsive = watch.awaitEnd(TELLING, ENDING);
            RuntimeException cause = watch.cause(e);
            replace(unresponsive);
            if (watch.isFalseStart() && (cause instanceof RankException || cause instanceof RunFailure)) {
                throw new FalseStart(cause);
            }
            throw cause;
        }
    }

    /** Asks ahead of work that would be for nothing. @throws EnvironmentError when there are fewer slots than ranks */
    public void requireSlots(int world) {
        new Slots(spark.sc()).require(world);
    }

    /** How many ranks this Spark can run at once, after waiting for executors that are still registering. */
    public int slots() {
        return Math.max(1, new Slots(spark.sc()).await(Integer.MAX_VALUE));
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

    /** An executor whose rank does not end would keep its slot, its memory and perhaps its GPU for ever. */
    private void replace(Set<LaunchWatch.Place> unresponsive) {
        if (!spark.isLocal()) {
            for (LaunchWatch.Place place : unresponsive) {
                List<ProcessHandle> own = ProcessHandle.current()
                        .descendants()
                        .filter(process -> process.pid() == place.process())
                        .toList();
                // A frozen one hears no polite request, and one of this process's own would outlive it.
                own.forEach(ProcessHandle::destroyForcibly);
                if (own.isEmpty()) {
                    spark.sc().killAndReplaceExecutor(place.executor());
                }
            }
        }
    }
}
