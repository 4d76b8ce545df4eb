package io.longstrand.checkpoint;

import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileEntry;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The checkpoints of a run: each appears as a whole under {@code checkpoints/step-N}; only the newest are kept. */
public final class Checkpoints {
    /** The file of the parameters, named as other safetensors readers expect. */
    public static final String MODEL_FILE = "model-00001-of-00001.safetensors";
    /** The file of the optimiser's moments. */
    public static final String OPTIMIZER_FILE = "optimizer-00001-of-00001.safetensors";

    private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})");

    /**
     * A checkpoint just saved.
     *
     * @param directory where it is
     * @param bytes its size
     */
    public record Saved(String directory, long bytes) {}

    private final FileStore store;
    private final RunDirectory run;
    private final int keep;

    /** @param keep how many stay, the newest; 0: all */
    public Checkpoints(FileStore store, RunDirectory run, int keep) {
        this.store = store;
        this.run = run;
        this.keep = keep;
    }

    /**
     * Saves a checkpoint, then deletes those too many.
     *
     * @param host gives 256 KiB meanwhile
     */
    public Saved save(
            Progress progress, List<StateTensor> model, List<StateTensor> optimizer, Backend backend, Arena host)
            throws IOException {
        String target = run.checkpoint(progress.step());
        try (AtomicPublish publish = AtomicPublish.to(store, target)) {
            CheckpointWriter writer = new CheckpointWriter(store, publish.staging(), backend, host);
            writer.write(MODEL_FILE, model);
            writer.write(OPTIMIZER_FILE, optimizer);
            writer.finish(progress);
            publish.commit();
            prune();
            return new Saved(target, writer.bytes());
        }
    }

    /** Directory of the newest complete checkpoint. */
    public Optional<String> newest() throws IOException {
        List<Long> steps = steps();
        return steps.isEmpty() ? Optional.empty() : Optional.of(run.checkpoint(steps.get(steps.size() - 1)));
    }

    private void prune() throws IOException {
        List<Long> steps = steps();
        for (int i = 0; keep > 0 && i < steps.size() - keep; i++) {
            store.delete(run.checkpoint(steps.get(i)));
        }
    }

    /** Steps of the complete checkpoints, ascending. */
    private List<Long> steps() throws IOException {
        List<Long> steps = new ArrayList<>();
        if (!store.isDirectory(run.checkpoints())) {
            return steps;
        }
        for (FileEntry entry : store.list(run.checkpoints())) {
            Matcher matcher = NAME.matcher(entry.name());
            if (matcher.matches() && store.exists(store.child(entry.path(), CheckpointManifest.FILE_NAME))) {
                steps.add(Long.parseLong(matcher.group(1)));
            }
        }
        steps.sort(null);
        return steps;
    }
}
