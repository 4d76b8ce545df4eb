package io.longstrand.tensor;

import io.longstrand.config.UserError;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Stack allocation of tensors in one place, within a budget that is enforced. The budget is reserved as one slab when
 * the arena opens, so a step never allocates; what is taken after {@link #mark()} is given back by {@link
 * #release(Mark)}. The size is known before the first step because a dry run takes the same tensors from an arena over
 * memory that holds nothing.
 *
 * <p>Not thread-safe: one arena belongs to one rank's main thread.
 */
public final class Arena implements AutoCloseable {
    /** Every tensor starts at a multiple of this many bytes: a cache line, and an AVX-512 vector. */
    public static final int ALIGNMENT = 64;

    /** A height of the stack; see {@link Arena#release(Mark)}. */
    public record Mark(long used, int depth) {}

    private record Taken(String owner, long bytes) {}

    private final Place place;
    private final long budget;
    private final Memory slab;
    private final Deque<Taken> stack = new ArrayDeque<>();
    private final Map<String, Long> current = new LinkedHashMap<>();
    private Map<String, Long> ownersAtPeak = Map.of();
    private long used;
    private long peak;

    /**
     * Reserves {@code budget} bytes.
     *
     * @param backend what provides the memory
     * @param place device or host
     * @param budget bytes this arena may hold at once
     */
    public Arena(Backend backend, Place place, long budget) {
        this.place = place;
        this.budget = roundUp(budget);
        this.slab = backend.allocate(place, this.budget);
    }

    /**
     * Takes a contiguous tensor. Its content is undefined.
     *
     * @param owner who the bytes are accounted to, e.g. {@code "activations"}
     * @throws UserError when the budget does not hold it, naming owner, bytes and budget
     */
    public Tensor allocate(String owner, DataType type, long rows, long columns) {
        long bytes = roundUp(Math.multiplyExact(Math.multiplyExact(rows, columns), (long) type.bytes()));
        if (bytes > budget - used) {
            throw new UserError("memory." + place.name().toLowerCase(java.util.Locale.ROOT) + "-budget: " + owner
                    + " needs " + bytes + " bytes more, " + used + " of " + budget + " are in use");
        }
        Tensor tensor = Tensor.contiguous(slab, used, type, rows, columns);
        used += bytes;
        stack.push(new Taken(owner, bytes));
        current.merge(owner, bytes, Long::sum);
        if (used > peak) {
            peak = used;
            ownersAtPeak = new LinkedHashMap<>(current);
        }
        return tensor;
    }

    /** The present height, to come back to. */
    public Mark mark() {
        return new Mark(used, stack.size());
    }

    /** Gives back everything taken since {@code mark}. */
    public void release(Mark mark) {
        if (mark.depth() > stack.size()) {
            throw new IllegalStateException("the arena is already below this mark");
        }
        while (stack.size() > mark.depth()) {
            Taken taken = stack.pop();
            current.merge(taken.owner(), -taken.bytes(), Long::sum);
        }
        used = mark.used();
    }

    /** Bytes in use now. */
    public long used() {
        return used;
    }

    /** Most bytes ever in use at once. */
    public long peak() {
        return peak;
    }

    /** Bytes this arena may hold. */
    public long budget() {
        return budget;
    }

    /** Bytes of each owner at the moment of the peak: their sum is {@link #peak()}. */
    public Map<String, Long> ownersAtPeak() {
        Map<String, Long> owners = new LinkedHashMap<>(ownersAtPeak);
        owners.values().removeIf(bytes -> bytes == 0);
        return Collections.unmodifiableMap(owners);
    }

    @Override
    public void close() {
        slab.close();
    }

    private static long roundUp(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
