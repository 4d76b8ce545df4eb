package io.longstrand.zero;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;

/**
 * What AdamW remembers of each element.
 *
 * @param first FLOAT32 (1, elements)
 * @param second FLOAT32 (1, elements)
 */
public record Moments(Tensor first, Tensor second) {
    /** Owner of everything only the optimiser needs. */
    static final String OWNER = "optimizer state";

    /** Takes room for both, {@code 8Ψ} bytes; the content is undefined. */
    static Moments take(Arena arena, long elements) {
        return new Moments(
                arena.allocate(OWNER, DataType.FLOAT32, 1, elements),
                arena.allocate(OWNER, DataType.FLOAT32, 1, elements));
    }
}
