package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;

/**
 * What one kernel call computes with as floats: tensors of FLOAT32, where they lie, tensors of BFLOAT16, stretch by
 * stretch in scratch, and spare room. All are registered first, then each lane takes its own view of them.
 */
final class FloatOperands {
    /** Floats between stretches in scratch, so that equal columns of two do not fall into one cache set. */
    private static final int GAP = 48;

    /** One of them. */
    @FunctionalInterface
    interface Operand {
        /** A view for the work of one lane. */
        FloatSpan on(int lane);
    }

    private final Scratch scratch;
    private final int stretch;
    private int inScratch;

    /**
     * @param scratch is not to be used otherwise while the kernel runs
     * @param longest elements of the longest stretch that is looked at
     */
    FloatOperands(Scratch scratch, int longest) {
        this.scratch = scratch;
        this.stretch = stretch(longest);
    }

    /**
     * A tensor.
     *
     * @throws IllegalArgumentException when it lies on the host, is of integers or belongs to another backend
     */
    Operand of(Tensor tensor, String name) {
        if (tensor.type() != DataType.BFLOAT16) {
            Rows rows = Rows.floats(tensor, name);
            return lane -> FloatSpan.wide(rows);
        }
        Rows rows = Rows.device(tensor, DataType.BFLOAT16, name);
        int number = inScratch++;
        return lane -> {
            return FloatSpan.narrow(rows, row(lane, number).address(0));
        };
    }

    /** A tensor of a given shape. */
    Operand of(Tensor tensor, long rows, long columns, String name) {
        Rows.requireShape(tensor, rows, columns, name);
        return of(tensor, name);
    }

    /** Room for one stretch, filled up to whole vectors, that belongs to no tensor. */
    Operand spare() {
        int number = inScratch++;
        return lane -> {
            FloatSpan room = FloatSpan.wide(row(lane, number));
            room.place(0, stretch);
            return room;
        };
    }

    /** Bytes of scratch a lane takes for {@code operands} that lie in scratch. */
    static long bytes(int operands, int longest) {
        return (long) operands * stretch(longest) * Float.BYTES;
    }

    private static int stretch(int longest) {
        return (longest + Floats.WIDTH - 1) / Floats.WIDTH * Floats.WIDTH + GAP;
    }

    private Rows row(int lane, int number) {
        return Rows.floats(scratch.floats(lane, inScratch, stretch).rows(number, number + 1), "scratch");
    }
}
