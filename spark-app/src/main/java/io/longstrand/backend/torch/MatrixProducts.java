package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Activation;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * Matrix products by libtorch, in blocks of the result. Operands and result of one type are multiplied in it; BFLOAT16
 * operands of a FLOAT32 result are widened first on the CPU, because libtorch has no product that narrows operands only;
 * on CUDA they are {@link NarrowProducts}'.
 */
final class MatrixProducts {
    private final Views views;
    private final Blocks blocks;
    private final Scratch scratch;
    private final Optional<NarrowProducts> narrow;

    /** @param blocks of the result: larger than those of other kernels, since a product needs no scratch for them */
    MatrixProducts(Device device, Views views, Blocks blocks, Scratch scratch) {
        this.views = views;
        this.blocks = blocks;
        this.scratch = scratch;
        narrow = device.isCuda() ? Optional.of(new NarrowProducts()) : Optional.empty();
    }

    void multiply(MatrixProduct product) {
        Tensor left = product.left();
        Tensor right = product.right();
        Tensor out = product.out();
        Views.requireDevice(left, right, out);
        product.bias().ifPresent(Views::requireDevice);
        if (narrow.isPresent() && NarrowProducts.takes(product)) {
            scratch.run(() -> {
                narrow.get().multiply(product);
                blocks.elements(out, block -> finish(product, views.of(block.of(out)), block));
            });
            return;
        }
        boolean oneType = Views.allOf(out.type(), left, right);
        scratch.run(() -> {
            TorchArray wideRight = oneType ? views.of(right) : views.read(right); // once for all blocks
            blocks.elements(out, block -> {
                TorchArray ofLeft = rowsOf(product, block);
                TorchArray ofRight = product.transposeRight()
                        ? wideRight
                                .part(0, block.firstColumn(), block.endColumn())
                                .transposed()
                        : wideRight.part(1, block.firstColumn(), block.endColumn());
                multiply(product, oneType ? ofLeft : ofLeft.widened(), ofRight, block);
            });
        });
    }

    /** Gives back what the products hold. */
    void close() {
        narrow.ifPresent(NarrowProducts::close);
    }

    private TorchArray rowsOf(MatrixProduct product, Blocks.Block block) {
        return product.transposeLeft()
                ? views.of(product.left().columns(block.firstRow(), block.endRow()))
                        .transposed()
                : views.of(block.rowsOf(product.left()));
    }

    private void multiply(MatrixProduct product, TorchArray left, TorchArray right, Blocks.Block block) {
        TorchArray out = views.of(block.of(product.out()));
        boolean direct = out.typed(left);
        if (product.accumulate()) {
            if (direct) {
                out.addProduct(left, right);
            } else {
                out.add(left.product(right));
            }
            return;
        }
        TorchArray result = direct ? out.assignProduct(left, right) : left.product(right);
        finish(product, result, block);
        if (!direct) {
            out.assign(result);
        }
    }

    /** Adds the bias and applies the activation. */
    private void finish(MatrixProduct product, TorchArray result, Blocks.Block block) {
        product.bias().ifPresent(bias -> result.add(views.of(bias.columns(block.firstColumn(), block.endColumn()))));
        if (product.activation() == Activation.GELU) {
            Activations.gelu(result, result);
        }
    }
}
