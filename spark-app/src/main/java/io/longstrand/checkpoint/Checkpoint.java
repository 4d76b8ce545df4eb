package io.longstrand.checkpoint;

import io.longstrand.config.UserError;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A complete checkpoint whose files are those that were written. */
public final class Checkpoint {
    private final FileStore store;
    private final String directory;
    private final CheckpointManifest manifest;

    private Checkpoint(FileStore store, String directory, CheckpointManifest manifest) {
        this.store = store;
        this.directory = directory;
        this.manifest = manifest;
    }

    /**
     * Opens a checkpoint and checks every byte of it.
     *
     * @throws UserError naming the file that is missing or damaged
     */
    public static Checkpoint open(FileStore store, String directory) throws IOException {
        return open(store, directory, CheckpointRanks.alone());
    }

    /**
     * Opens a checkpoint and checks this rank's share of its bytes: ranks that open it together check all.
     *
     * @throws UserError naming the file that is missing or damaged
     */
    public static Checkpoint open(FileStore store, String directory, CheckpointRanks ranks) throws IOException {
        CheckpointManifest manifest = CheckpointManifest.read(store, directory);
        List<CheckpointManifest.File> files = manifest.files();
        for (int number = ranks.rank(); number < files.size(); number += ranks.ranks()) {
            CheckpointManifest.File file = files.get(number);
            String path = store.child(directory, file.name());
            if (!store.exists(path)) {
                throw new UserError(path + ": no such file, but the checkpoint's manifest lists it");
            }
            Checksum.verify(store, path, file.checksum());
        }
        return new Checkpoint(store, directory, manifest);
    }

    /** Its directory. */
    public String directory() {
        return directory;
    }

    /** How far training had come. */
    public Progress progress() {
        return manifest.progress();
    }

    /**
     * Fills tensors, whatever ranges the checkpoint was cut into; numbers of another width are rounded.
     *
     * @param host gives 256 KiB meanwhile
     * @throws UserError naming the tensor that is missing, has another shape or a type of other numbers
     */
    public void load(List<StateTensor> targets, Backend backend, Arena host) throws IOException {
        Map<String, List<CheckpointManifest.Range>> ranges =
                manifest.tensors().stream().collect(Collectors.groupingBy(CheckpointManifest.Range::name));
        Map<String, SafetensorsFile> files = new HashMap<>();
        try {
            for (StateTensor target : targets) {
                long filled = 0;
                for (CheckpointManifest.Range range : ranges.getOrDefault(target.name(), List.of())) {
                    if (!range.shape().equals(target.shape())) {
                        throw new UserError(directory + ": " + target.name() + " has shape " + range.shape()
                                + ", the configuration's model has " + target.shape());
                    }
                    if (inCommon(range, target) > 0) {
                        SafetensorsFile file = files.get(range.file());
                        if (file == null) {
                            file = SafetensorsFile.open(store, store.child(directory, range.file()));
                            files.put(range.file(), file);
                        }
                        filled += new RangeCopy(file, range, target, backend, host).run();
                    }
                }
                if (filled != target.to() - target.from()) {
                    throw new UserError(directory + ": holds " + filled + " of the " + (target.to() - target.from())
                            + " elements of " + target.name() + " that the configuration's model has");
                }
            }
        } finally {
            for (SafetensorsFile file : files.values()) {
                file.close();
            }
        }
    }

    /** Takes and gives back what {@link #load} needs of the host arena: for a plan. */
    public static void rehearseLoad(Arena host) {
        Arena.Mark mark = host.mark();
        host.allocate("staging", DataType.FLOAT32, 1, CheckpointWriter.CHUNK_BYTES / DataType.FLOAT32.bytes());
        host.release(mark);
    }

    private static long inCommon(CheckpointManifest.Range range, StateTensor target) {
        long[] elements = new long[1];
        CommonRuns.of(range, target).each((stored, wanted, count) -> elements[0] += count);
        return elements[0];
    }
}
