package io.longstrand.zero;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/**
 * Activations in a file, pass after pass in the same places of it. They go through a piece of host memory, chunk by
 * chunk: the stream does one thing after the other, so one chunk is enough.
 */
final class DiskActivationStore implements ActivationStore {
    /** Bytes that go through host memory at a time. */
    static final long CHUNK_BYTES = 4L << 20;

    private record Name(int layer, Kept name) {}

    private final CopyStream copies;
    private final ActivationFile file;
    private final Tensor chunk;
    private final Map<Name, Long> places = new HashMap<>();
    private long end;

    /** Takes its chunk of host memory. */
    DiskActivationStore(CopyStream copies, Arena host, ActivationFile file) {
        this.copies = copies;
        this.file = file;
        chunk = host.allocate(ActivationPlace.OWNER, DataType.FLOAT32, 1, CHUNK_BYTES / Float.BYTES);
    }

    @Override
    public CopyStream.Event send(int layer, Kept name, Tensor from) {
        long place = places.computeIfAbsent(new Name(layer, name), ignored -> {
            long start = end;
            end += from.bytes();
            return start;
        });
        CopyStream.Event event = copies.computed();
        for (long first = 0; first < from.elements(); first += chunkElements(from)) {
            Tensor there = chunk(from, first);
            long position = place + first * from.type().bytes();
            copies.copy(part(from, first), there);
            event = copies.run(() -> file.write(there.hostBytes(), position));
        }
        return event;
    }

    @Override
    public CopyStream.Event bring(int layer, Kept name, Tensor to) {
        long place = places.get(new Name(layer, name));
        CopyStream.Event event = copies.computed();
        for (long first = 0; first < to.elements(); first += chunkElements(to)) {
            Tensor here = chunk(to, first);
            long position = place + first * to.type().bytes();
            copies.run(() -> file.read(here.hostBytes(), position));
            event = copies.copy(here, part(to, first));
        }
        return event;
    }

    /** Elements of a tensor from {@code first} on, as many as go at a time. */
    private static Tensor part(Tensor whole, long first) {
        long next = Math.min(whole.elements(), first + chunkElements(whole));
        return whole.reshape(1, whole.elements()).columns(first, next);
    }

    /** Host memory for the same elements. */
    private Tensor chunk(Tensor whole, long first) {
        long count = Math.min(whole.elements() - first, chunkElements(whole));
        return Tensor.contiguous(chunk.memory(), chunk.offset(), whole.type(), 1, count);
    }

    private static long chunkElements(Tensor whole) {
        return CHUNK_BYTES / whole.type().bytes();
    }
}
