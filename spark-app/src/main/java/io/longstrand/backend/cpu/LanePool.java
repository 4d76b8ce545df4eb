package io.longstrand.backend.cpu;

import io.longstrand.tensor.Kernels.LaneTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

/**
 * The threads kernels run on. The calling thread is lane 0, the pool's own daemon threads are the others: they spin
 * for some tens of microseconds when there is nothing to do, because kernels follow each other closely, and sleep
 * after that. Calls from inside a task stay on the task's lane; calls from different threads take turns.
 */
final class LanePool implements AutoCloseable {
    /** Turns of a spinning wait, each some tens of nanoseconds. */
    private static final int SPINS = 2_000;

    /** A range of work units that runs on one lane. */
    @FunctionalInterface
    interface RangeTask {
        /** Does units {@code from} (inclusive) to {@code to} (exclusive). */
        void run(long from, long to, int lane);
    }

    private final LaneThread[] threads;
    private final ReentrantLock turn = new ReentrantLock();
    private volatile Work work;
    private volatile boolean closed;
    /** Whether tasks are running, so that a call by the thread whose turn it is comes from inside one. */
    private boolean working;

    /** Starts {@code lanes − 1} threads. */
    LanePool(int lanes) {
        if (lanes < 1) {
            throw new IllegalArgumentException(lanes + " lanes: at least 1 is needed");
        }
        threads = new LaneThread[lanes - 1];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new LaneThread(i + 1);
            threads[i].start();
        }
    }

    int lanes() {
        return threads.length + 1;
    }

    /** Runs all tasks and returns when they are done; rethrows the first failure, after which no task starts. */
    void parallel(long tasks, LaneTask task) {
        if (Thread.currentThread() instanceof LaneThread lane && lane.pool() == this) {
            runHere(tasks, task, lane.number);
            return;
        }
        turn.lock();
        try {
            if (working) {
                runHere(tasks, task, 0);
            } else {
                startTurn(tasks, task);
            }
        } finally {
            turn.unlock();
        }
    }

    private void startTurn(long tasks, LaneTask task) {
        if (closed) {
            throw new IllegalStateException("the cpu backend is closed");
        }
        working = true;
        try {
            if (threads.length == 0 || tasks <= 1) {
                runHere(tasks, task, 0);
            } else {
                fork(tasks, task);
            }
        } finally {
            working = false;
        }
    }

    /**
     * Runs something that uses its lane's scratch before, between and after its parallel parts: no other thread's call
     * comes in between.
     */
    void exclusively(IntConsumer work) {
        if (Thread.currentThread() instanceof LaneThread lane && lane.pool() == this) {
            work.accept(lane.number);
            return;
        }
        turn.lock();
        try {
            work.accept(0);
        } finally {
            turn.unlock();
        }
    }

    /** Runs units 0 … count − 1 in ranges of {@code grain}, which must not depend on the number of lanes. */
    void ranges(long count, long grain, RangeTask task) {
        parallel((count + grain - 1) / grain, (number, lane) -> {
            long from = number * grain;
            task.run(from, Math.min(count, from + grain), lane);
        });
    }

    private static void runHere(long tasks, LaneTask task, int lane) {
        for (long i = 0; i < tasks; i++) {
            task.run(i, lane);
        }
    }

    private void fork(long tasks, LaneTask task) {
        Work mine = new Work(tasks, task, Thread.currentThread());
        work = mine;
        long wanted = Math.min(threads.length, tasks - 1);
        for (int i = 0; i < wanted; i++) {
            threads[i].wake();
        }
        mine.drain(0);
        mine.await();
        work = null;
        Throwable failure = mine.failure.get();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (RuntimeException) failure;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (LaneThread thread : threads) {
            LockSupport.unpark(thread);
        }
        for (LaneThread thread : threads) {
            joinQuietly(thread);
        }
    }

    private static void joinQuietly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            // The lanes are daemons and leave at their next look at `closed`; whoever interrupts wants us gone.
            Thread.currentThread().interrupt();
        }
    }

    /** One call's tasks, the number of the next and how many are done. */
    private static final class Work {
        private final long tasks;
        private final LaneTask task;
        private final Thread caller;
        private final AtomicLong next = new AtomicLong();
        private final AtomicLong done = new AtomicLong();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private volatile boolean callerSleeps;

        private Work(long tasks, LaneTask task, Thread caller) {
            this.tasks = tasks;
            this.task = task;
            this.caller = caller;
        }

        private void drain(int lane) {
            for (long number = next.getAndIncrement(); number < tasks; number = next.getAndIncrement()) {
                runOne(number, lane);
                if (done.incrementAndGet() == tasks && callerSleeps) {
                    LockSupport.unpark(caller);
                }
            }
        }

        // What a task throws, errors included, belongs to the caller: a lane must survive it.
        private void runOne(long number, int lane) {
            if (failure.get() != null) {
                return;
            }
            try {
                task.run(number, lane);
            } catch (RuntimeException | Error e) {
                failure.compareAndSet(null, e);
            }
        }

        private void await() {
            for (int i = 0; i < SPINS && done.get() < tasks; i++) {
                Thread.onSpinWait();
            }
            callerSleeps = true;
            boolean interrupted = false;
            while (done.get() < tasks) {
                LockSupport.park(this);
                // An interrupt must not leave lanes working on memory the caller takes back.
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** One of the pool's threads. */
    private final class LaneThread extends Thread {
        private final int number;
        private volatile boolean sleeps;

        private LaneThread(int number) {
            super("cpu-lane-" + number);
            this.number = number;
            setDaemon(true);
        }

        private LanePool pool() {
            return LanePool.this;
        }

        private void wake() {
            if (sleeps) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            Work last = null;
            while (!closed) {
                Work now = awaitOtherThan(last);
                if (now != null) {
                    now.drain(number);
                    last = now;
                }
            }
        }

        private Work awaitOtherThan(Work last) {
            for (int i = 0; i < SPINS; i++) {
                Work now = work;
                if (now != null && now != last) {
                    return now;
                }
                Thread.onSpinWait();
            }
            sleeps = true;
            Work now = work;
            // Looked at again after `sleeps` is visible, else a wake-up between could be missed.
            if ((now == null || now == last) && !closed) {
                LockSupport.park(this);
                now = work;
            }
            sleeps = false;
            return now == last ? null : now;
        }
    }
}
