package io.longstrand.checkpoint;

import io.longstrand.config.UserError;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Stream;

/**
 * Copies what a stored range and a tensor have in common. The file is read a stretch at a time, and elements that are
 * adjacent in the tensor go to it together, so that runs as short as a part of a row cost neither a read nor a copy each.
 */
final class RangeCopy {
    private final SafetensorsFile file;
    private final CheckpointManifest.Range range;
    private final StateTensor target;
    private final Backend backend;
    private final Arena host;
    private final DataType stored;
    private final int width;
    private final long most;
    private final byte[] read = new byte[CheckpointWriter.CHUNK_BYTES];
    private long readFrom; // elements of the share
    private long readTo;
    private long placedFrom; // elements of the target
    private long placedTo;
    private long copied;

    /** @throws UserError when the file holds numbers of another kind */
    RangeCopy(SafetensorsFile file, CheckpointManifest.Range range, StateTensor target, Backend backend, Arena host) {
        this.file = file;
        this.range = range;
        this.target = target;
        this.backend = backend;
        this.host = host;
        stored = storedType();
        width = stored.bytes();
        most = CheckpointWriter.CHUNK_BYTES / width;
    }

    /** Copies. @return the number of elements */
    long run() throws IOException {
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate("staging", stored, 1, most);
        try {
            CommonRuns.of(range, target).each((from, to, count) -> {
                for (long done = 0; done < count; ) {
                    done += place(from + done, to + done, count - done, staging);
                }
            });
            send(staging);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        host.release(mark);
        return copied;
    }

    /** Puts as many elements into the staging memory as are read and fit. @return how many */
    private long place(long from, long to, long count, Tensor staging) {
        if (to != placedTo || placedTo - placedFrom == most) {
            send(staging);
            placedFrom = to;
            placedTo = to;
        }
        if (from < readFrom || from >= readTo) {
            read(from);
        }
        long length = Math.min(Math.min(count, readTo - from), most - (placedTo - placedFrom));
        long at = placedTo - placedFrom;
        staging.columns(at, at + length).hostBytes().put(read, (int) (from - readFrom) * width, (int) length * width);
        placedTo += length;
        return length;
    }

    private void read(long from) {
        readFrom = from;
        readTo = Math.min(range.to(), from + most);
        try {
            file.read(range.key(), (readFrom - range.from()) * width, read, (int) (readTo - readFrom) * width);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(Tensor staging) {
        long count = placedTo - placedFrom;
        if (count > 0) {
            long at = placedFrom - target.from();
            Tensor flat = target.values().reshape(1, target.values().elements());
            backend.kernels().copy(staging.columns(0, count), flat.columns(at, at + count));
            backend.synchronize();
            copied += count;
        }
    }

    /** FLOAT32 and BFLOAT16 become each other; INT32 stays what it is. */
    private DataType storedType() {
        DataType wanted = target.values().type();
        String name = file.type(range.key());
        return Stream.of(DataType.values())
                .filter(type -> CheckpointWriter.typeName(type).equals(name))
                .filter(type -> (type == DataType.INT32) == (wanted == DataType.INT32))
                .findFirst()
                .orElseThrow(() -> new UserError(file.path() + ": tensor " + range.key() + " has type " + name
                        + ", where numbers for " + wanted + " belong"));
    }
}
