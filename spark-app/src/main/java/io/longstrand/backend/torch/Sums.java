package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Sums over rows, columns and everything. */
final class Sums {
    private final Views views;
    private final Blocks blocks;
    private final ColumnSums columnSums;

    Sums(Views views, Blocks blocks, ColumnSums columnSums) {
        this.views = views;
        this.blocks = blocks;
        this.columnSums = columnSums;
    }

    double ofSquares(Tensor in) {
        Views.requireDevice(in);
        double[] total = new double[1];
        blocks.inOrder(in, block -> {
            TorchArray values = views.of(block.of(in)).as(ScalarType.Double);
            total[0] += values.square().total();
        });
        return total[0];
    }

    void addColumns(Tensor in, Tensor out) {
        Views.requireDevice(in, out);
        columnSums.add(
                in, (block, sums) -> sums[0].assign(views.read(block.of(in)).sum(0)), out);
    }

    void rowDots(Tensor left, Tensor right, Tensor out) {
        Views.requireDevice(left, right, out);
        blocks.rows(left.rows(), left.columns(), block -> {
            TorchArray products = views.read(block.of(left)).times(views.read(block.of(right)));
            views.column(block.perRow(out)).assign(products.sum(1));
        });
    }
}
