package io.longstrand.comm;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.config.RunFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** All ranks of a run, a thread each. Nothing a rank does may take longer than the crew's patience. */
public final class Crew implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What a rank does. */
    @FunctionalInterface
    public interface Task {
        /** Does it. */
        void run(World world) throws Exception;
    }

    private final List<World> worlds;

    /** @param worlds one a rank */
    public Crew(List<World> worlds) {
        this.worlds = worlds;
    }

    /** Every rank does it; the first error of any is thrown. */
    public void run(Task task) {
        List<Throwable> errors = errors(task);
        for (Throwable error : errors) {
            if (error != null) {
                throw new AssertionError(error.getMessage(), error);
            }
        }
    }

    /** Every rank does it and must fail as a run fails. @return the messages by rank */
    public List<String> failures(Task task) {
        List<Throwable> errors = errors(task);
        assertThat(errors).allSatisfy(error -> assertThat(error).isInstanceOf(RunFailure.class));
        return errors.stream().map(Throwable::getMessage).toList();
    }

    /** Every rank does it. @return what each threw, or null */
    public List<Throwable> errors(Task task) {
        List<CompletableFuture<Throwable>> running = new ArrayList<>();
        for (World world : worlds) {
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread thread = new Thread(
                    () -> {
                        try {
                            task.run(world);
                            outcome.complete(null);
                        } catch (Throwable error) {
                            outcome.complete(error);
                        }
                    },
                    "test-rank-" + world.rank());
            thread.setDaemon(true);
            thread.start();
            running.add(outcome);
        }
        List<Throwable> errors = new ArrayList<>();
        for (CompletableFuture<Throwable> outcome : running) {
            try {
                errors.add(outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            } catch (TimeoutException | InterruptedException | ExecutionException stuck) {
                throw new AssertionError("rank " + errors.size() + " hangs", stuck);
            }
        }
        return errors;
    }

    /** A rank's membership. */
    public World world(int rank) {
        return worlds.get(rank);
    }

    @Override
    public void close() {
        run(World::close);
    }
}
