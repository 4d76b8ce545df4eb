package io.longstrand.comm;

import io.longstrand.config.RunFailure;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * An operation that a thread of its group performs; that thread keeps to the time it may take.
 *
 * @param operation as messages call it
 * @param done when it is
 */
public record Begun(String operation, CompletableFuture<Void> done) implements Pending {
    @Override
    public void await() {
        try {
            done.get();
        } catch (ExecutionException | CancellationException failed) {
            if (failed.getCause() instanceof RunFailure failure) {
                throw new RunFailure(failure.getMessage(), failure);
            }
            throw new RunFailure(operation + " failed: " + failed.getMessage(), failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new RunFailure("interrupted while waiting for " + operation, interrupted);
        }
    }

    @Override
    public boolean isDone() {
        return done.isDone();
    }
}
