package io.longstrand.comm;

import io.longstrand.config.RunFailure;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Performs a group's collective operations one after another while the rank computes. Starts with the first one. */
final class GroupThread implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final ExecutorService thread;

    GroupThread(String name) {
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(work, name);
            made.setDaemon(true);
            return made;
        });
    }

    /** Performs something after everything begun before it. */
    CompletableFuture<Void> begin(Runnable work) {
        return CompletableFuture.runAsync(work, thread);
    }

    /** Interrupts what is in progress and ends the thread. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RunFailure("an operation did not stop within " + PATIENCE.toSeconds() + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
