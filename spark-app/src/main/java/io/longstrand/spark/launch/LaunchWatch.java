package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.metrics.RunEvent;
import io.longstrand.spark.plugin.RankFailure;
import io.longstrand.spark.plugin.RankListener;
import io.longstrand.train.StopAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** Follows the ranks of one launch: where they run, which of them ended and how, which executors were lost. */
final class LaunchWatch extends SparkListener implements RankListener {
    /**
     * Where a rank runs.
     *
     * @param executor Spark's name for it
     * @param host it runs on
     * @param process its number there
     */
    record Place(String executor, String host, long process) {}

    private final int world;
    private final RankListener listener;
    private final Map<Integer, Place> places = new TreeMap<>();
    private final Set<Integer> ended = new HashSet<>();
    private final List<RankFailure> failures = new ArrayList<>();
    private final Map<String, String> lostExecutors = new HashMap<>();

    /** @param listener hears what ranks say */
    LaunchWatch(int world, RankListener listener) {
        this.world = world;
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
    public void placed(int rank, String executor, String host, long process) {
        synchronized (this) {
            places.put(rank, new Place(executor, host, process));
        }
        listener.placed(rank, executor, host, process);
    }

    @Override
    public void left(int rank) {
        end(rank);
        listener.left(rank);
    }

    @Override
    public void failed(RankFailure failure) {
        synchronized (this) {
            failures.add(failure);
        }
        end(failure.rank());
        listener.failed(failure);
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        lostExecutors.put(removed.executorId(), removed.reason());
        notifyAll();
    }

    private synchronized void end(int rank) {
        ended.add(rank);
        notifyAll();
    }

    /**
     * Waits until no rank of this launch runs any more, but no longer than some time. The others notice a failure when
     * they next communicate, and tell what they saw.
     *
     * @param telling how long at most until one of them tells
     * @param ending how long at most after that
     * @return where a rank still runs or does not answer
     */
    synchronized Set<Place> awaitEnd(Duration telling, Duration ending) {
        long deadline = System.nanoTime() + telling.toNanos();
        boolean told = false;
        try {
            for (long left = deadline - System.nanoTime();
                    left > 0 && !running().isEmpty(); ) {
                if (!told && !failures.isEmpty()) {
                    told = true;
                    deadline = System.nanoTime() + ending.toNanos();
                } else {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                }
                left = deadline - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return running();
    }

    private Set<Place> running() {
        Set<Place> running = new HashSet<>();
        places.forEach((rank, place) -> {
            if (!ended.contains(rank) && !lostExecutors.containsKey(place.executor())) {
                running.add(place);
            }
        });
        return running;
    }

    /** Whether not every rank ran its first instruction, for no reason that a rank gave. */
    synchronized boolean isFalseStart() {
        return places.size() < world && (failures.isEmpty() || lostExecutor().isPresent());
    }

    /** What to raise: a lost executor or the earliest failure; the other ranks usually failed because of it. */
    synchronized RuntimeException cause(Exception fromSpark) {
        Optional<RankFailure> earliest = failures.stream()
                .min(Comparator.comparingLong(RankFailure::atMillis).thenComparingInt(RankFailure::rank));
        Optional<String> lost = lostRank().or(this::lostExecutor);
        if (lost.isPresent() && earliest.stream().allMatch(LaunchWatch::mayFollowFromALoss)) {
            String seen = earliest.map(failure -> "; " + named(failure)).orElse("");
            return new RunFailure(lost.get() + seen, fromSpark);
        }
        return earliest.map(failure -> raised(failure, fromSpark)).orElseGet(() -> fromSpark(fromSpark));
    }

    private static boolean mayFollowFromALoss(RankFailure failure) {
        return failure.kind() == RankFailure.Kind.RUN || failure.kind() == RankFailure.Kind.OTHER;
    }

    /** A rank that was lost with its executor and said nothing. */
    private Optional<String> lostRank() {
        return places.entrySet().stream()
                .filter(entry -> !ended.contains(entry.getKey())
                        && lostExecutors.containsKey(entry.getValue().executor()))
                .map(entry -> {
                    Place place = entry.getValue();
                    String reason = oneLine(lostExecutors.get(place.executor()));
                    return "rank " + entry.getKey() + " of " + world + " on " + place.host()
                            + " was lost with executor " + place.executor() + ": " + reason;
                })
                .findFirst();
    }

    /** An executor that was lost before its rank began. */
    private Optional<String> lostExecutor() {
        if (places.size() == world) {
            return Optional.empty();
        }
        return lostExecutors.entrySet().stream()
                .filter(entry -> places.values().stream()
                        .noneMatch(place -> place.executor().equals(entry.getKey())))
                .map(entry -> "executor " + entry.getKey() + " was lost: " + oneLine(entry.getValue()))
                .findFirst();
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private RuntimeException raised(RankFailure failure, Exception fromSpark) {
        return switch (failure.kind()) {
            case USER -> new UserError(failure.message(), fromSpark);
            case ENVIRONMENT -> new EnvironmentError(failure.message() + " (on " + failure.host() + ")", fromSpark);
            case RUN -> new RunFailure(named(failure), fromSpark);
            case OTHER -> new RankException(named(failure), fromSpark);
        };
    }

    private String named(RankFailure failure) {
        return "rank " + failure.rank() + " of " + world + " on " + failure.host() + ": " + failure.message();
    }

    private static RuntimeException fromSpark(Exception failure) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("java.io.InvalidClassException: io.longstrand.")) {
            return new UserError(
                    "an executor runs another build of Longstrand than the driver, whose tasks it cannot read; give every"
                            + " executor the driver's longstrand.jar",
                    failure);
        }
        return new RankException(
                "Spark ended the ranks: " + message.lines().findFirst().orElse(""), failure);
    }
}
