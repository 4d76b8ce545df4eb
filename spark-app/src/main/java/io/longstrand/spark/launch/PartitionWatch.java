package io.longstrand.spark.launch;

import io.longstrand.spark.plugin.UnheardRanks;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.StageInfo;
import scala.collection.JavaConverters;

/** Tells a {@link LaunchWatch} what Spark's own events say of the ranks of one launch. */
final class PartitionWatch extends SparkListener {
    /** The property of a job that names its launch. */
    static final String LAUNCH = "longstrand.launch";

    private static final int NONE = -1;

    private final String launch;
    private final LaunchWatch ranks;
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile int job = NONE;
    private volatile int stage = NONE;

    /** @param launch name of the launch @param world number of its ranks */
    PartitionWatch(String launch, int world) {
        this.launch = launch;
        ranks = new LaunchWatch(world, new UnheardRanks());
    }

    @Override
    public void onJobStart(SparkListenerJobStart started) {
        if (started.properties() != null && launch.equals(started.properties().getProperty(LAUNCH))) {
            job = started.jobId();
            // The stage of the ranks is the job's last; those before it bring them their partitions.
            stage = JavaConverters.seqAsJavaList(started.stageInfos()).stream()
                    .mapToInt(StageInfo::stageId)
                    .max()
                    .orElse(NONE);
        }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart task) {
        if (task.stageId() == stage) {
            ranks.placed(
                    task.taskInfo().index(),
                    task.taskInfo().executorId(),
                    task.taskInfo().host(),
                    0);
        }
    }

    @Override
    public void onTaskEnd(SparkListenerTaskEnd task) {
        if (task.stageId() != stage) {
            return;
        }
        if (task.reason() instanceof ExceptionFailure failed
                && failed.exception().isDefined()
                && failed.exception().get() instanceof PartitionFailure failure) {
            ranks.failed(failure.failure());
        } else if (!(task.reason() instanceof ExecutorLostFailure)) {
            ranks.left(task.taskInfo().index());
        }
    }

    @Override
    public void onJobEnd(SparkListenerJobEnd ended) {
        if (ended.jobId() == job) {
            over.countDown();
        }
    }

    @Override
    public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        ranks.onExecutorRemoved(removed);
    }

    /**
     * What to raise once the ranks have told what they saw. Spark's events come after what it throws.
     *
     * @param telling how long at most until one of them tells
     * @param ending how long at most after that
     */
    RuntimeException cause(Exception fromSpark, Duration telling, Duration ending) {
        try {
            over.await(telling.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ranks.awaitEnd(telling, ending);
        return ranks.cause(fromSpark);
    }
}
