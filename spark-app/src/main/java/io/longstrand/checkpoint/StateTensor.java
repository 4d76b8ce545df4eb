package io.longstrand.checkpoint;

import io.longstrand.model.MatrixShare;
import io.longstrand.tensor.Tensor;
import java.util.List;

/**
 * Elements of a logical tensor, and the memory that holds them, in either place: adjacent ones of those a rank has of it.
 * The same tensor may be cut differently when it is saved and when it is loaded.
 *
 * @param name logical name, the same in every layout
 * @param shape sizes of the whole tensor
 * @param share what the rank has of it, seen as a matrix of as many columns as the last axis is long
 * @param from first element, counted in the share
 * @param values the elements, contiguous
 */
public record StateTensor(String name, List<Long> shape, MatrixShare share, long from, Tensor values) {
    public StateTensor {
        shape = List.copyOf(shape);
        if (share.wholeRows() * share.wholeColumns() != elements(shape)) {
            throw new IllegalArgumentException(share + " is no part of " + name + " " + shape);
        }
        if (from < 0 || from + values.elements() > share.elements() || !values.isContiguous()) {
            throw new IllegalArgumentException(name + " " + shape + " does not hold " + values + " from " + from);
        }
    }

    /** Elements of a tensor of which the rank has everything. */
    public StateTensor(String name, List<Long> shape, long from, Tensor values) {
        this(name, shape, whole(shape), from, values);
    }

    /** One past the last element, counted in the share. */
    public long to() {
        return from + values.elements();
    }

    /** Whether nothing of the tensor is missing. */
    boolean isWhole() {
        return values.elements() == elements(shape);
    }

    /** All of a tensor. */
    static MatrixShare whole(List<Long> shape) {
        long columns = shape.get(shape.size() - 1);
        return MatrixShare.whole(elements(shape.subList(0, shape.size() - 1)), columns);
    }

    private static long elements(List<Long> shape) {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
