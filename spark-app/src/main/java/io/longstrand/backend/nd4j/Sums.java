package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Sums over rows, columns and everything. */
final class Sums {
    private final Views views;
    private final Blocks blocks;

    Sums(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    double ofSquares(Tensor in) {
        views.requireDevice(in);
        double[] total = new double[1];
        blocks.inOrder(in, block -> {
            INDArray values = views.of(block.of(in)).castTo(DataType.DOUBLE);
            total[0] += values.muli(values).sumNumber().doubleValue();
        });
        return total[0];
    }

    void addColumns(Tensor in, Tensor out) {
        views.requireDevice(in, out);
        blocks.rowsInOrder(in, block -> views.add(views.read(block.of(in)).sum(true, 0), out));
    }

    void rowDots(Tensor left, Tensor right, Tensor out) {
        views.requireDevice(left, right, out);
        blocks.rows(left.rows(), left.columns(), block -> {
            INDArray products = views.read(block.of(left)).mul(views.read(block.of(right)));
            views.column(block.perRow(out)).assign(products.sum(true, 1));
        });
    }
}
