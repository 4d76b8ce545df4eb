package io.longstrand.tensor;

/**
 * Foretells the scratch a backend's kernels will hold. A rehearsal tells it of every operation of a step; it looks at
 * types and shapes alone, never at memory. What it comes to is set aside before the first step ({@link
 * Backend#reserveScratch}), so it must be enough for every kernel; whoever gives a kernel scratch that has no method
 * here adds one.
 */
public interface ScratchForecast extends AutoCloseable {
    /** Of kernels that need none, or do not say. */
    ScratchForecast NONE = () -> KernelScratch.NONE;

    /** See {@link Kernels#matmul}, called outside of lanes. */
    default void matmul(MatrixProduct product) {}

    /** A product that the tasks of {@link Kernels#parallel} compute, so any lane may. */
    default void matmulOnLanes(MatrixProduct product) {}

    /** The backward pass of a norm. @param in (rows, n) @param gradients of parameters summed over the rows */
    default void normBackward(Tensor in, int gradients) {}

    /** See {@link Kernels#addColumnSums}. @param in (rows, n) */
    default void columnSums(Tensor in) {}

    /** A kernel that looks at whole rows of these tensors. */
    default void rowwise(Tensor... tensors) {}

    /** A kernel that looks at these tensors element by element. */
    default void elementwise(Tensor... tensors) {}

    /** What everything told so far needs together. */
    KernelScratch scratch();

    @Override
    default void close() {}
}
