package io.longstrand.backend.torch;

import io.longstrand.backend.NativeAddress;
import io.longstrand.config.EnvironmentError;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Products of BFLOAT16 operands with a FLOAT32 result by cuBLAS itself: libtorch would round the result to the operands'
 * type. Sums are FLOAT32. cuBLAS counts columns first: what it is given as {@code (n, m)} is our {@code (m, n)}, so it
 * forms {@code outᵀ = rightᵀ · leftᵀ}.
 */
final class NarrowProducts {
    private final cublasContext cuBlas = new cublasContext();

    /** On the device and the stream of the calling thread. */
    NarrowProducts() {
        require(cublas.cublasCreate_v2(cuBlas));
    }

    /** Whether this multiplies such operands. */
    static boolean takes(MatrixProduct product) {
        return Views.allOf(DataType.BFLOAT16, product.left(), product.right())
                && product.out().type() == DataType.FLOAT32;
    }

    /** The product alone, added to the result where it accumulates. */
    void multiply(MatrixProduct product) {
        Tensor left = product.left();
        Tensor right = product.right();
        Tensor out = product.out();
        long inner = product.transposeLeft() ? left.rows() : left.columns();
        try (FloatPointer one = new FloatPointer(1f);
                FloatPointer before = new FloatPointer(product.accumulate() ? 1f : 0f)) {
            require(cublas.cublasGemmEx_64(
                    cuBlas,
                    product.transposeRight() ? cublas.CUBLAS_OP_T : cublas.CUBLAS_OP_N,
                    product.transposeLeft() ? cublas.CUBLAS_OP_T : cublas.CUBLAS_OP_N,
                    out.columns(),
                    out.rows(),
                    inner,
                    one,
                    new NativeAddress(right.address()),
                    cudart.CUDA_R_16BF,
                    right.rowStride(),
                    new NativeAddress(left.address()),
                    cudart.CUDA_R_16BF,
                    left.rowStride(),
                    before,
                    new NativeAddress(out.address()),
                    cudart.CUDA_R_32F,
                    out.rowStride(),
                    cublas.CUBLAS_COMPUTE_32F,
                    cublas.CUBLAS_GEMM_DEFAULT));
        }
    }

    void close() {
        cublas.cublasDestroy_v2(cuBlas);
    }

    private static void require(int status) {
        if (status != cublas.CUBLAS_STATUS_SUCCESS) {
            throw new EnvironmentError(
                    "cuBLAS answers " + cublas.cublasGetStatusString(status).getString());
        }
    }
}
