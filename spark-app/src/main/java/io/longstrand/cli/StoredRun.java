package io.longstrand.cli;

import io.longstrand.checkpoint.Checkpoint;
import io.longstrand.checkpoint.CheckpointRanks;
import io.longstrand.checkpoint.Checkpoints;
import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.io.IOException;

/** A run that has trained, opened for inference: its newest checkpoint, its data and a backend. */
final class StoredRun implements AutoCloseable {
    private final RunConfiguration configuration;
    private final Checkpoint checkpoint;
    private final PreparedData data;
    private final Backend backend;

    /** @throws UserError when the run has no checkpoint yet, or a file of it is damaged, naming the file */
    StoredRun(FileStore store, RunConfiguration configuration) throws IOException {
        this.configuration = configuration;
        RunDirectory run = new RunDirectory(configuration.run().directory());
        String newest = new Checkpoints(store, run, 0, CheckpointRanks.alone())
                .newest()
                .orElseThrow(() -> new UserError(run.checkpoints() + ": holds no checkpoint yet; train further"));
        this.checkpoint = Checkpoint.open(store, newest);
        this.data = PreparedData.open(store, configuration.data().directory());
        int threads = configuration.run().threads().orElse(Runtime.getRuntime().availableProcessors());
        this.backend = new Backends().open(configuration.backend().text(), new BackendProvider.Options(threads));
    }

    RunConfiguration configuration() {
        return configuration;
    }

    Checkpoint checkpoint() {
        return checkpoint;
    }

    PreparedData data() {
        return data;
    }

    Backend backend() {
        return backend;
    }

    @Override
    public void close() throws IOException {
        try (data) {
            backend.close();
        }
    }
}
