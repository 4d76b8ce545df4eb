package io.longstrand.zero;

import io.longstrand.tensor.Tensor;

/**
 * Adjacent elements of the flat space of parameters, and what a rank holds for them.
 *
 * @param start first element
 * @param values (1, n), for elements {@code start} to {@code start + n}
 */
public record Stretch(long start, Tensor values) {
    /** One past the last element. */
    public long end() {
        return start + values.columns();
    }

    /** Elements {@code from} to {@code to}, counted in the flat space. */
    public Stretch within(long from, long to) {
        return new Stretch(from, values.columns(from - start, to - start));
    }
}
