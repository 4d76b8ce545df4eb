package io.longstrand.checkpoint;

import io.longstrand.config.UserError;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
        CheckpointManifest manifest = CheckpointManifest.read(store, directory);
        for (CheckpointManifest.File file : manifest.files()) {
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
                    long from = Math.max(range.from(), target.from());
                    long to = Math.min(range.to(), target.to());
                    if (from < to) {
                        SafetensorsFile file = files.get(range.file());
                        if (file == null) {
                            file = SafetensorsFile.open(store, store.child(directory, range.file()));
                            files.put(range.file(), file);
                        }
                        copy(file, range, target, from, to, backend, host);
                        filled += to - from;
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

    private static void copy(
            SafetensorsFile file,
            CheckpointManifest.Range range,
            StateTensor target,
            long from,
            long to,
            Backend backend,
            Arena host)
            throws IOException {
        Tensor flat = target.values().reshape(1, target.values().elements());
        DataType stored = storedType(file, range.key(), target);
        int width = stored.bytes();
        long chunk = CheckpointWriter.CHUNK_BYTES / width;
        byte[] buffer = new byte[CheckpointWriter.CHUNK_BYTES];
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate("staging", stored, 1, chunk);
        for (long at = from; at < to; at += chunk) {
            long count = Math.min(chunk, to - at);
            int bytes = (int) count * width;
            file.read(range.key(), (at - range.from()) * width, buffer, bytes);
            Tensor part = staging.columns(0, count);
            ByteBuffer window = part.hostBytes();
            window.put(buffer, 0, bytes);
            backend.kernels().copy(part, flat.columns(at - target.from(), at - target.from() + count));
            backend.synchronize();
        }
        host.release(mark);
    }

    /** FLOAT32 and BFLOAT16 become each other; INT32 stays what it is. */
    private static DataType storedType(SafetensorsFile file, String key, StateTensor target) {
        DataType wanted = target.values().type();
        String name = file.type(key);
        return Stream.of(DataType.values())
                .filter(type -> CheckpointWriter.typeName(type).equals(name))
                .filter(type -> (type == DataType.INT32) == (wanted == DataType.INT32))
                .findFirst()
                .orElseThrow(() -> new UserError(file.path() + ": tensor " + key + " has type " + name
                        + ", where numbers for " + wanted + " belong"));
    }
}
