package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/** Row dots of an output and its gradient, head by head: the delta of flash attention (Dao 2023). */
public final class OutputDots {
    private static final long ROWS_OF_TASK = 256;

    private final Kernels kernels;
    private final AttentionShape shape;

    /** @param shape of the heads */
    public OutputDots(Kernels kernels, AttentionShape shape) {
        this.kernels = kernels;
        this.shape = shape;
    }

    /**
     * Computes them.
     *
     * @param out (tokens, heads · headSize)
     * @param outGradient (tokens, heads · headSize)
     * @param delta FLOAT32 (heads, tokens), written
     */
    public void run(Tensor out, Tensor outGradient, Tensor delta) {
        long parts = (out.rows() + ROWS_OF_TASK - 1) / ROWS_OF_TASK;
        kernels.parallel(shape.heads() * parts, (task, lane) -> {
            long head = task / parts;
            long from = task % parts * ROWS_OF_TASK;
            long to = Math.min(out.rows(), from + ROWS_OF_TASK);
            long column = head * shape.headSize();
            kernels.rowDots(
                    out.rows(from, to).columns(column, column + shape.headSize()),
                    outGradient.rows(from, to).columns(column, column + shape.headSize()),
                    delta.rows(head, head + 1).columns(from, to));
        });
    }
}
