package io.longstrand.backend;

import io.longstrand.tensor.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of a backend whose kernels take long enough for an ordinary pool: lane 0 is the caller's, the others wait
 * for work.
 */
public final class Lanes implements AutoCloseable {
    private final int count;
    private final ExecutorService workers;
    /** The lane this thread works on while it runs a task, so that tasks inside tasks stay on it. */
    private final ThreadLocal<Integer> current = new ThreadLocal<>();

    /**
     * Starts {@code count − 1} threads when they are first needed.
     *
     * @param name of the backend, for its threads
     */
    public Lanes(String name, int count) {
        this.count = count;
        workers = Executors.newFixedThreadPool(Math.max(1, count - 1), task -> {
            Thread thread = new Thread(task, name + "-lane");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** How many lanes there are. */
    public int count() {
        return count;
    }

    /** Runs the tasks on the lanes, each lane taking the next one left, and returns when all are done. */
    public void parallel(long tasks, Kernels.LaneTask task) {
        Integer lane = current.get();
        if (lane != null || tasks == 1 || count == 1) {
            for (long i = 0; i < tasks; i++) {
                runOn(lane == null ? 0 : lane, i, task);
            }
            return;
        }
        AtomicLong next = new AtomicLong();
        List<Future<?>> others = new ArrayList<>();
        for (int i = 1; i < Math.min(count, tasks); i++) {
            int other = i;
            others.add(workers.submit(() -> drain(other, next, tasks, task)));
        }
        Throwable failure = null;
        try {
            drain(0, next, tasks, task);
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        for (Future<?> other : others) {
            Throwable late = failureOf(other);
            failure = failure == null ? late : failure;
        }
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
    }

    private void drain(int lane, AtomicLong next, long tasks, Kernels.LaneTask task) {
        try {
            for (long i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
                runOn(lane, i, task);
            }
        } catch (RuntimeException | Error e) {
            next.set(tasks); // the other lanes take nothing more
            throw e;
        }
    }

    private void runOn(int lane, long number, Kernels.LaneTask task) {
        Integer before = current.get();
        current.set(lane);
        try {
            task.run(number, lane);
        } finally {
            if (before == null) {
                current.remove();
            }
        }
    }

    private static Throwable failureOf(Future<?> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (InterruptedException e) {
                    interrupted = true; // a lane still writes to our tensors: wait for it
                } catch (ExecutionException e) {
                    return e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        workers.shutdown();
    }
}
