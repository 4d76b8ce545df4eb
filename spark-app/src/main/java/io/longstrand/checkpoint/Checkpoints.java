package io.longstrand.checkpoint;

import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileEntry;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The checkpoints of a run: each appears as a whole under {@code checkpoints/step-N}; only the newest are kept. */
public final class Checkpoints {
    private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})");

    private static final Pattern ABANDONED = Pattern.compile("\\.step-\\d{1,18}\\..*\\.(partial|replaced)");

    /** Random numbers below this are exact in the sums of ranks. */
    private static final long KEYS = 1L << 50;

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
    private final CheckpointRanks ranks;

    /** @param keep how many stay, the newest; 0: all @param ranks that save together */
    public Checkpoints(FileStore store, RunDirectory run, int keep, CheckpointRanks ranks) {
        this.store = store;
        this.run = run;
        this.keep = keep;
        this.ranks = ranks;
    }

    /**
     * Saves a checkpoint, then deletes those too many. Every rank writes files of its own; when all have, the first one
     * writes the manifest and commits.
     *
     * @param model this rank's part of the parameters; no element is in two ranks' parts
     * @param optimizer this rank's part of the moments
     * @param host gives 256 KiB meanwhile
     */
    public Saved save(
            Progress progress, List<StateTensor> model, List<StateTensor> optimizer, Backend backend, Arena host)
            throws IOException {
        String target = run.checkpoint(progress.step());
        if (ranks.first()) {
            deleteAbandoned();
        }
        // A key nobody had before: ranks of an attempt that failed may still be writing.
        long key = ranks.meeting().sum(ranks.first() ? new SecureRandom().nextLong(KEYS) : 0);
        AtomicPublish publish = AtomicPublish.shared(store, target, Long.toHexString(key));
        try {
            CheckpointWriter writer = new CheckpointWriter(store, publish.staging(), backend, host);
            writer.write(ranks.file("model"), model);
            writer.write(ranks.file("optimizer"), optimizer);
            CheckpointManifest own = writer.manifest(progress);
            if (!ranks.first()) {
                own.writePart(store, publish.staging(), ranks.rank());
            }
            long bytes = ranks.meeting().sum(writer.bytes());
            if (ranks.first()) {
                withParts(own, publish.staging()).write(store, publish.staging());
                publish.commit();
                prune();
            }
            return new Saved(target, bytes);
        } finally {
            if (ranks.first()) {
                publish.close();
            }
        }
    }

    /** What attempts that were killed had begun to write. */
    private void deleteAbandoned() throws IOException {
        if (!store.isDirectory(run.checkpoints())) {
            return;
        }
        for (FileEntry entry : store.list(run.checkpoints())) {
            if (ABANDONED.matcher(entry.name()).matches()) {
                store.delete(entry.path());
            }
        }
    }

    /** The manifest of all ranks, from this one's and what the others wrote. */
    private CheckpointManifest withParts(CheckpointManifest own, String staging) throws IOException {
        List<CheckpointManifest.Range> ranges = new ArrayList<>(own.tensors());
        List<CheckpointManifest.File> files = new ArrayList<>(own.files());
        for (int rank = 1; rank < ranks.ranks(); rank++) {
            CheckpointManifest part = CheckpointManifest.takePart(store, staging, rank);
            ranges.addAll(part.tensors());
            files.addAll(part.files());
        }
        return CheckpointManifest.of(own.progress(), ranges, files);
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
