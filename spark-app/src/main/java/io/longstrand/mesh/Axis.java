package io.longstrand.mesh;

/** The ways ranks share the work, in the order of their strides: ranks that differ in the last one are neighbours. */
public enum Axis {
    /** Ranks that see different windows. */
    DATA,
    /** Ranks of a ring that share each sequence. */
    CONTEXT,
    /** Ranks that share each sequence and trade it for heads (Ulysses). */
    HEAD,
    /** Ranks that share each matrix (Megatron); they talk most and so are closest. */
    TENSOR
}
