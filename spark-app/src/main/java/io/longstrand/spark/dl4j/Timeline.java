package io.longstrand.spark.dl4j;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.deeplearning4j.spark.stats.BaseEventStats;
import org.deeplearning4j.spark.stats.EventStats;

/** Notes when phases began and how long they took, where statistics are wanted. Belongs to one thread. */
final class Timeline {
    private final boolean wanted;
    private final Map<Phase, List<EventStats>> events = new EnumMap<>(Phase.class);

    /** @param wanted otherwise nothing is noted */
    Timeline(boolean wanted) {
        this.wanted = wanted;
    }

    void time(Phase phase, Runnable work) {
        time(phase, () -> {
            work.run();
            return null;
        });
    }

    <T> T time(Phase phase, Supplier<T> work) {
        if (!wanted) {
            return work.get();
        }
        long start = System.currentTimeMillis();
        long began = System.nanoTime();
        T result = work.get();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        events.computeIfAbsent(phase, none -> new ArrayList<>()).add(new BaseEventStats(start, millis));
        return result;
    }

    /** What was noted; null when nothing was wanted. */
    ZeroTrainingStats stats() {
        return wanted ? new ZeroTrainingStats(events) : null;
    }
}
