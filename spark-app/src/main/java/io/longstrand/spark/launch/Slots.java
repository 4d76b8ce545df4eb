package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import java.time.Duration;
import org.apache.spark.SparkContext;
import org.apache.spark.resource.ResourceProfile;
import scala.collection.JavaConverters;

/** How many ranks this Spark can run at once, asked before a stage is started that would wait for more. */
final class Slots {
    private static final Pause BETWEEN_LOOKS = new Pause(Duration.ofMillis(200), "waiting for executors");

    /** A standalone master starts all executors at once: when no other has come for so long, none will. */
    private static final Duration SETTLED = Duration.ofSeconds(10);
    /** It starts another for one that was lost, which on a busy machine has been seen to take 15 s. */
    private static final Duration REPLACED = Duration.ofSeconds(25);

    private final SparkContext spark;

    Slots(SparkContext spark) {
        this.spark = spark;
    }

    /** Tasks that may run at the same time now. */
    int available() {
        ResourceProfile profile = spark.resourceProfileManager().defaultResourceProfile();
        return spark.maxNumConcurrentTasks(profile);
    }

    /**
     * Waits until there are so many slots, no longer than the scheduler itself would wait for executors.
     *
     * @return how many there are, {@code wanted} or fewer
     */
    int await(int wanted) {
        Duration patience = spark.isLocal()
                ? Duration.ZERO
                : Duration.ofMillis(
                        spark.getConf().getTimeAsMs("spark.scheduler.maxRegisteredResourcesWaitingTime", "30s"));
        long began = System.nanoTime();
        long grown = began;
        int slots = available();
        while (slots < wanted && System.nanoTime() - began < patience.toNanos() && !hasSettled(slots, grown)) {
            BETWEEN_LOOKS.take();
            int now = available();
            grown = now > slots ? System.nanoTime() : grown;
            slots = now;
        }
        return Math.min(slots, wanted);
    }

    /** @param grown when there last were more than before, by {@link System#nanoTime} */
    private boolean hasSettled(int slots, long grown) {
        boolean atOnce = spark.master().startsWith("spark://") || spark.master().startsWith("local-cluster");
        Duration settling = hasLostAny() ? REPLACED : SETTLED;
        return atOnce && slots > 0 && System.nanoTime() - grown > settling.toNanos();
    }

    private boolean hasLostAny() {
        return JavaConverters.seqAsJavaList(spark.statusStore().executorList(false)).stream()
                .anyMatch(executor -> !executor.isActive());
    }

    /**
     * Waits for executors that are still registering.
     *
     * @throws EnvironmentError when there are fewer slots than ranks, or executors may come and go
     */
    void require(int ranks) {
        if (spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false)) {
            throw new EnvironmentError("ranks run side by side for the whole run and need executors that stay; set"
                    + " spark.dynamicAllocation.enabled=false and spark.executor.instances=" + ranks);
        }
        int slots = await(ranks);
        if (slots < ranks) {
            throw new EnvironmentError(ranks + " ranks need " + ranks + " slots at once, and " + spark.master()
                    + " has " + slots + "; ask for fewer ranks (parallel.*) or give Spark "
                    + (spark.isLocal() ? "more threads (LONGSTRAND_MASTER=local[" + ranks + "])" : "more executors"));
        }
    }
}
