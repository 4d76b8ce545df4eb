package io.longstrand.comm;

import io.longstrand.config.RunFailure;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Performs a group's collective operations one after another while the rank computes. Starts with the first one. */
public final class GroupThread implements AutoCloseable {
    /** More than a transport takes to let go of an operation's memory. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Something to perform and what becomes of it. */
    private record Task(String name, Runnable work, CompletableFuture<Void> done) implements Runnable {
        // What the work throws, errors included, belongs to whoever waits for it.
        @Override
        public void run() {
            try {
                work.run();
                done.complete(null);
            } catch (RuntimeException | Error failed) {
                done.completeExceptionally(failed);
            }
        }
    }

    private final ExecutorService thread;
    private final Queue<Thread> made = new ConcurrentLinkedQueue<>();

    /** @param name of the thread */
    public GroupThread(String name) {
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread worker = new Thread(work, name);
            worker.setDaemon(true);
            made.add(worker);
            return worker;
        });
    }

    /** Performs something after everything begun before it. Its name is for messages. */
    public CompletableFuture<Void> begin(String name, Runnable work) {
        Task task = new Task(name, work, new CompletableFuture<>());
        thread.execute(task);
        return task.done();
    }

    /** Interrupts what is in progress, fails what waits behind it and ends the thread. */
    @Override
    public void close() {
        for (Runnable dropped : thread.shutdownNow()) {
            Task task = (Task) dropped;
            task.done().completeExceptionally(new RunFailure(task.name() + " did not begin: this rank has left"));
        }
        try {
            if (!thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RunFailure("an operation did not stop within " + PATIENCE.toSeconds() + " s");
            }
            // The executor is done a moment before its thread is.
            for (Thread worker : made) {
                worker.join(PATIENCE.toMillis());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
