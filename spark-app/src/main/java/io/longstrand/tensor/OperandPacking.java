package io.longstrand.tensor;

/**
 * Copies a right operand that several products share into the arrangement a backend's products like best; where a backend
 * has it, products from such a panel are faster than from the operand as it lies.
 */
public interface OperandPacking {
    /**
     * Packs; for {@link MatrixProduct#withRightPacked}.
     *
     * @param right (k, n), or (n, k) when transposed
     * @param transposed whether the products use it transposed
     * @param panel (k, n), at the start of room for {@link MatrixProduct#packedElements}, written
     */
    void packRight(Tensor right, boolean transposed, Tensor panel);
}
