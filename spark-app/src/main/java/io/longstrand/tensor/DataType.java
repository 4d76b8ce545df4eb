package io.longstrand.tensor;

/** Element types of tensors; all are little-endian in memory and on disk. */
public enum DataType {
    /** IEEE 754 binary32: activations, statistics and master state. */
    FLOAT32(4),
    /** bfloat16: the upper half of a binary32; storage and matrix products in mixed precision. */
    BFLOAT16(2),
    /** Two's complement: tokens, labels, positions, tile ranges. */
    INT32(4);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
