package io.longstrand.backend.cpu;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * How a matrix lies in memory, as oneDNN describes it.
 *
 * @param rows of the matrix as it is used
 * @param columns of the matrix as it is used
 * @param stride elements from one stored row to the next
 * @param transposed whether stored rows are the columns of the matrix as it is used
 */
record MatrixForm(DataType type, long rows, long columns, long stride, boolean transposed) {
    /** A tensor as it is, or its transpose. */
    static MatrixForm of(Tensor tensor, boolean transposed) {
        return transposed
                ? new MatrixForm(tensor.type(), tensor.columns(), tensor.rows(), tensor.rowStride(), true)
                : new MatrixForm(tensor.type(), tensor.rows(), tensor.columns(), tensor.rowStride(), false);
    }

    /** A description the caller destroys. */
    dnnl_memory_desc describe() {
        dnnl_memory_desc form = new dnnl_memory_desc();
        long[] strides = transposed ? new long[] {1, stride} : new long[] {stride, 1};
        OneDnn.check(
                dnnl.dnnl_memory_desc_create_with_strides(form, 2, new long[] {rows, columns}, code(type), strides),
                "a matrix of " + rows + " × " + columns);
        return form;
    }

    /** oneDNN's number of a type. */
    static int code(DataType type) {
        return switch (type) {
            case FLOAT32 -> dnnl.dnnl_f32;
            case BFLOAT16 -> dnnl.dnnl_bf16;
            case INT32 -> throw new IllegalArgumentException("no matrix product of INT32");
        };
    }
}
