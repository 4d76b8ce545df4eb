package io.longstrand.comm;

import io.longstrand.config.RunFailure;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The failure that ended communication: the first one reported stays, those that follow from it are not told. */
public final class FirstFailure {
    private final CompletableFuture<Failure> first = new CompletableFuture<>();

    /** Takes note of a failure. @return whether it is the first */
    public boolean report(Failure failure) {
        return first.complete(failure);
    }

    /** The first failure, if there is one. */
    public Optional<Failure> get() {
        return Optional.ofNullable(first.getNow(null));
    }

    /** Does something once when the first failure is reported, at once if it has been. */
    public void whenReported(Consumer<Failure> reaction) {
        first.thenAccept(reaction);
    }

    /** @throws RunFailure when there is a failure */
    public void check() {
        get().ifPresent(failure -> {
            throw new RunFailure(failure.message());
        });
    }
}
