package io.longstrand.spark.plugin;

import io.longstrand.config.EnvironmentError;
import io.longstrand.metrics.RunEvent;
import io.longstrand.train.Driver;
import io.longstrand.train.StopAnswer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.plugin.PluginContext;

/** A rank's way to the driver. */
public final class DriverLink implements Driver {
    /** Spark makes the executor's plugin itself and gives tasks no way to it, so tasks of this JVM find it here. */
    private static final AtomicReference<PluginContext> PLUGIN = new AtomicReference<>();

    private final PluginContext plugin;
    private final TaskContext task;
    private final String launch;
    private final int rank;

    private DriverLink(PluginContext plugin, TaskContext task, String launch, int rank) {
        this.plugin = plugin;
        this.task = task;
        this.launch = launch;
        this.rank = rank;
    }

    static void open(PluginContext context) {
        PLUGIN.set(context);
    }

    static void close() {
        PLUGIN.set(null);
    }

    /**
     * The link of a rank.
     *
     * @param launch the launch it belongs to
     * @throws EnvironmentError when Spark was started without the plugin
     */
    public static DriverLink of(TaskContext task, String launch, int rank) {
        PluginContext plugin = PLUGIN.get();
        if (plugin == null) {
            throw new EnvironmentError("Spark runs without Longstrand's plugin; set spark.plugins="
                    + LongstrandPlugin.class.getName() + " (submit/longstrand does)");
        }
        return new DriverLink(plugin, task, launch, rank);
    }

    /** {@inheritDoc} Ends the task when Spark has killed it: a barrier task is not interrupted in native code. */
    @Override
    public StopAnswer heartbeat(long step) {
        if (task.isInterrupted()) {
            throw new TaskKilledException("rank " + rank + " was killed after step " + step);
        }
        return StopAnswer.valueOf((String) ask(new RankMessage.Heartbeat(launch, rank, step)));
    }

    /** {@inheritDoc} On return the driver has it. */
    @Override
    public void event(RunEvent event) {
        ask(new RankMessage.Event(launch, rank, event));
    }

    /** Tells on which executor this rank runs; on return the driver knows. */
    public void placed(String executor, String host) {
        ask(new RankMessage.Placed(
                launch, rank, executor, host, ProcessHandle.current().pid()));
    }

    /** Tells that this rank is done; on return the driver knows. */
    public void left() {
        ask(new RankMessage.Left(launch, rank));
    }

    /** Reports that this rank failed; on return the driver knows. */
    public void failed(RankFailure failure) {
        ask(new RankMessage.Failure(launch, failure));
    }

    private Object ask(RankMessage message) {
        try {
            return plugin.ask(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("rank " + rank + " cannot reach the driver: " + e.getMessage(), e);
        }
    }
}
