package io.longstrand.checkpoint;

import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one rank's files of a checkpoint into a directory. Tensors stream through a small host tensor,
 * so a checkpoint needs no memory of its size.
 */
final class CheckpointWriter {
    /** Bytes moved at a time. */
    static final int CHUNK_BYTES = 1 << 18;

    private final FileStore store;
    private final String directory;
    private final Backend backend;
    private final Arena host;
    private final byte[] buffer = new byte[CHUNK_BYTES];
    private final List<CheckpointManifest.Range> ranges = new ArrayList<>();
    private final List<CheckpointManifest.File> files = new ArrayList<>();

    /** @param host gives {@link #CHUNK_BYTES} while a file is written */
    CheckpointWriter(FileStore store, String directory, Backend backend, Arena host) {
        this.store = store;
        this.directory = directory;
        this.backend = backend;
        this.host = host;
    }

    /** Writes one safetensors file. */
    void write(String name, List<StateTensor> tensors) throws IOException {
        List<SafetensorsHeader.Entry> entries = new ArrayList<>();
        long at = 0;
        for (StateTensor tensor : tensors) {
            String key =
                    tensor.isWhole() ? tensor.name() : tensor.name() + "[" + tensor.from() + ":" + tensor.to() + "]";
            List<Long> shape =
                    tensor.isWhole() ? tensor.shape() : List.of(tensor.values().elements());
            long end = at + tensor.values().bytes();
            entries.add(
                    new SafetensorsHeader.Entry(key, typeName(tensor.values().type()), shape, at, end));
            ranges.add(CheckpointManifest.Range.of(tensor, name, key));
            at = end;
        }
        try (OutputStream file = store.create(store.child(directory, name));
                ChecksummedOutput output = new ChecksummedOutput(file)) {
            output.write(new SafetensorsHeader(entries).bytes());
            for (StateTensor tensor : tensors) {
                writeValues(tensor.values(), output);
            }
            output.flush();
            files.add(output.file(name));
        }
    }

    /** What was written. */
    CheckpointManifest manifest(Progress progress) {
        return CheckpointManifest.of(progress, ranges, files);
    }

    /** Bytes of the files written, without the manifest. */
    long bytes() {
        return files.stream().mapToLong(CheckpointManifest.File::bytes).sum();
    }

    private void writeValues(Tensor values, OutputStream output) throws IOException {
        Arena.Mark mark = host.mark();
        long chunk = CHUNK_BYTES / values.type().bytes();
        Tensor staging = host.allocate("staging", values.type(), 1, chunk);
        Tensor flat = values.reshape(1, values.elements());
        for (long from = 0; from < flat.columns(); from += chunk) {
            Tensor part = flat.columns(from, Math.min(from + chunk, flat.columns()));
            Tensor copy = staging.columns(0, part.columns());
            backend.kernels().copy(part, copy);
            backend.synchronize();
            ByteBuffer bytes = copy.hostBytes();
            int count = bytes.remaining();
            bytes.get(buffer, 0, count);
            output.write(buffer, 0, count);
        }
        host.release(mark);
    }

    static String typeName(DataType type) {
        return switch (type) {
            case FLOAT32 -> "F32";
            case BFLOAT16 -> "BF16";
            case INT32 -> "I32";
        };
    }
}
