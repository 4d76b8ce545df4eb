package io.longstrand.bench;

import io.longstrand.bench.peer.KernelShape;
import io.longstrand.tensor.DataType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one call of a kernel has to do at least: bytes, every operand read or written once, and floating-point
 * operations of its formula. Together with what the machine moves and computes they give the least time a call can take
 * (the roofline of Williams et al. 2009).
 *
 * @param rows of the operands
 * @param columns of the operands
 * @param bytes read and written
 * @param operations additions, multiplications and the like; an exponential counts as {@value #EXPONENTIAL}
 */
record KernelCost(int rows, int columns, long bytes, long operations) {
    /** Range reduction, a polynomial of degree 6 in multiply-adds, and the scaling by a power of two. */
    private static final long EXPONENTIAL = 20;

    private static final long DIVISION = 1;

    /** Costs of every kernel by name, in the order they are listed. */
    static Map<String, KernelCost> all(KernelShape shape, DataType type) {
        return new Table(shape, type).costs;
    }

    /** Least seconds on a machine that moves and computes so much a second. */
    double leastSeconds(double bytesPerSecond, double flopsPerSecond) {
        return Math.max(bytes / bytesPerSecond, operations / flopsPerSecond);
    }

    /** Writes down each kernel in tensors moved and operations an element. */
    private static final class Table {
        private final Map<String, KernelCost> costs = new LinkedHashMap<>();
        private final KernelShape shape;
        private final long all; // bytes of the activations
        private final long wide; // bytes of as many float32
        private final long narrow; // bytes of as many bfloat16

        private Table(KernelShape shape, DataType type) {
            this.shape = shape;
            all = shape.elements() * type.bytes();
            wide = shape.elements() * DataType.FLOAT32.bytes();
            narrow = shape.elements() * DataType.BFLOAT16.bytes();
            // name, bytes, operations an element of the activations
            put("copy", 2 * all, 0);
            put("fill", all, 0);
            put("zero", all, 0);
            put("add", 3 * all, 1);
            put("gelu", 2 * all, 9 + EXPONENTIAL + DIVISION);
            put("geluBackward", 3 * all, 16 + EXPONENTIAL + DIVISION);
            put("swiglu", 3 * all, 3 + EXPONENTIAL + DIVISION);
            put("swigluBackward", 5 * all, 8 + EXPONENTIAL + DIVISION);
            put("layerNorm", 2 * all, 7);
            put("layerNormBackward", 4 * all, 14);
            put("rmsNorm", 2 * all, 4);
            put("rmsNormBackward", 4 * all, 10);
            put("rotary", 2 * all, 3);
            put("embedding", 2 * all, 0);
            put("embeddingBackward", all, 1);
            put("addColumnSums", all, 1);
            put("rowDots", 2 * all, 2);
            put("sumOfSquares", wide, 2);
            put("adamW", 7 * wide, 14);
            if (type == DataType.BFLOAT16) {
                put("toBfloat16", wide + narrow, 0);
                put("toFloat32", wide + narrow, 0);
            }
            int vocabulary = KernelShape.VOCABULARY;
            put("crossEntropy", shape.rows(), vocabulary, 2L * type.bytes(), 4 + EXPONENTIAL);
            int queries = KernelShape.TILE_QUERIES;
            int keys = KernelShape.TILE_KEYS;
            int scores = DataType.FLOAT32.bytes();
            put("softmaxTile", queries, keys, scores + type.bytes(), 4 + EXPONENTIAL);
            put("softmaxTileBackward", queries, keys, 2L * (scores + type.bytes()), 5 + EXPONENTIAL);
            put("softmaxFinish", queries, KernelShape.HEAD_SIZE, scores + type.bytes(), DIVISION);
        }

        private void put(String name, long bytes, long operations) {
            costs.put(name, new KernelCost(shape.rows(), shape.columns(), bytes, operations * shape.elements()));
        }

        private void put(String name, int rows, int columns, long bytesAnElement, long operations) {
            long elements = (long) rows * columns;
            costs.put(name, new KernelCost(rows, columns, bytesAnElement * elements, operations * elements));
        }
    }
}
