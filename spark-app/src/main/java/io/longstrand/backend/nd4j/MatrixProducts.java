package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Activation;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;

/** Matrix products by ND4J's BLAS, in blocks of rows of the result. */
final class MatrixProducts {
    private final Views views;
    private final Blocks blocks;
    private final Scratch scratch;
    private final Activations activations;

    MatrixProducts(Views views, Blocks blocks, Scratch scratch, Activations activations) {
        this.views = views;
        this.blocks = blocks;
        this.scratch = scratch;
        this.activations = activations;
    }

    void multiply(MatrixProduct product) {
        views.requireDevice(product.left(), product.right(), product.out());
        product.bias().ifPresent(views::requireDevice);
        scratch.run(() -> {
            INDArray right = views.read(product.right()); // widened once for all blocks
            MMulTranspose transposes = MMulTranspose.builder()
                    .transposeA(product.transposeLeft())
                    .transposeB(product.transposeRight())
                    .build();
            blocks.rows(product.m(), Math.max(product.n(), product.k()), block -> {
                Tensor left = product.transposeLeft()
                        ? product.left().columns(block.firstRow(), block.endRow())
                        : block.rowsOf(product.left());
                multiply(product, left, right, transposes, block.rowsOf(product.out()));
            });
        });
    }

    private void multiply(MatrixProduct product, Tensor left, INDArray right, MMulTranspose transposes, Tensor out) {
        INDArray result = Nd4j.createUninitialized(DataType.FLOAT, out.rows(), out.columns());
        Nd4j.exec(new Mmul(views.read(left), right, result, transposes));
        if (product.accumulate()) {
            views.add(result, out);
            return;
        }
        product.bias().ifPresent(bias -> result.addiRowVector(views.read(bias)));
        views.write(product.activation() == Activation.GELU ? activations.gelu(result) : result, out);
    }
}
