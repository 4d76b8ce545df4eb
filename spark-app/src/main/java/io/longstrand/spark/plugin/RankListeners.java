package io.longstrand.spark.plugin;

import io.longstrand.train.StopAnswer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Who listens to which launch. Spark makes the driver's plugin itself and hands it to nobody, so this is where plugin
 * and launcher of one JVM meet.
 */
public final class RankListeners {
    private static final ConcurrentMap<String, RankListener> BY_LAUNCH = new ConcurrentHashMap<>();

    /** Ends the listening. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    private RankListeners() {}

    /** Sends every message of a launch to a listener until the registration is closed. */
    public static Registration register(String launch, RankListener listener) {
        if (BY_LAUNCH.putIfAbsent(launch, listener) != null) {
            throw new IllegalStateException("launch " + launch + " has a listener already");
        }
        return () -> BY_LAUNCH.remove(launch, listener);
    }

    /** @return the answer to a heartbeat as text, which any class loader can read; null for other messages */
    static String deliver(RankMessage message) {
        RankListener listener = BY_LAUNCH.get(message.launch());
        if (listener == null) {
            // A task of a launch that is over; it must not train on.
            return StopAnswer.STOP.name();
        }
        if (message instanceof RankMessage.Heartbeat heartbeat) {
            return listener.heartbeat(heartbeat.rank(), heartbeat.step()).name();
        }
        if (message instanceof RankMessage.Event event) {
            listener.event(event.rank(), event.event());
        } else if (message instanceof RankMessage.Placed placed) {
            listener.placed(placed.rank(), placed.executor(), placed.host(), placed.process());
        } else if (message instanceof RankMessage.Left left) {
            listener.left(left.rank());
        } else if (message instanceof RankMessage.Failure failure) {
            listener.failed(failure.failure());
        }
        return null;
    }
}
