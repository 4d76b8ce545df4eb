package io.longstrand.checkpoint;

import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * A range of the elements of a logical tensor, and the memory that holds it, in either place. The same tensor may be cut
 * differently when it is saved and when it is loaded.
 *
 * @param name logical name, the same in every layout
 * @param shape sizes of the whole tensor
 * @param from first element of the range, counted in the whole tensor
 * @param values the range, contiguous
 */
public record StateTensor(String name, List<Long> shape, long from, Tensor values) {
    public StateTensor {
        shape = List.copyOf(shape);
        if (from < 0 || from + values.elements() > elements(shape) || !values.isContiguous()) {
            throw new IllegalArgumentException(name + " " + shape + " does not hold " + values + " from " + from);
        }
    }

    /** One past the last element of the range. */
    public long to() {
        return from + values.elements();
    }

    /** Whether the range is the whole tensor. */
    boolean isWhole() {
        return values.elements() == elements(shape);
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
