package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Kernels that look things up by token: embedding, rotary positions, cross-entropy. */
final class TokenKernels {
    private final Views views;
    private final Blocks blocks;

    TokenKernels(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void embedding(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        Views.requireDevice(indices, table, out);
        blocks.rows(out.rows(), out.columns(), block -> {
            TorchArray rows = views.of(table).lookUp(entries(block.perRow(indices)));
            rows.fillWhere(views.column(block.perRow(indices)).is(Kernels.NO_ENTRY), 0);
            TorchArray to = views.of(block.of(out));
            if (accumulate) {
                to.add(rows);
            } else {
                to.assign(rows);
            }
        });
    }

    void embeddingBackward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        Views.requireDevice(indices, outGradient, tableGradient);
        Context context = torch.globalContext();
        // On CUDA repeated tokens are otherwise added in any order.
        context.setDeterministicAlgorithms(true, false);
        try {
            blocks.rowsInOrder(outGradient, block -> {
                // Nothing is added to row 0 for those that name none.
                TorchArray none = views.column(block.perRow(indices)).is(Kernels.NO_ENTRY);
                TorchArray addends = views.read(block.of(outGradient)).replaced(none, 0);
                views.of(tableGradient).addAt(entries(block.perRow(indices)), addends);
            });
        } finally {
            context.setDeterministicAlgorithms(false, false);
        }
    }

    /** The rows of a table that indices name, row 0 for those that name none. */
    private TorchArray entries(Tensor indices) {
        TorchArray named = views.vector(indices);
        return named.replaced(named.is(Kernels.NO_ENTRY), 0);
    }

    void rotary(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse) {
        Views.requireDevice(inOut, positions, cosines, sines);
        long half = headSize / 2;
        blocks.rows(inOut.rows(), inOut.columns(), block -> {
            TorchArray indices = views.vector(block.perRow(positions));
            TorchArray cosine = views.of(cosines).lookUp(indices).withAxis(1); // (rows, 1, half)
            TorchArray sine = views.of(sines).lookUp(indices).withAxis(1);
            if (inverse) {
                sine.multiply(-1);
            }
            Tensor rows = block.of(inOut);
            long[] shape = {rows.rows(), rows.columns() / headSize, 2, half};
            TorchArray halves = views.of(rows, shape, rows.rowStride(), headSize, half, 1);
            TorchArray first = halves.at(2, 0); // (rows, heads, half)
            TorchArray second = halves.at(2, 1);
            TorchArray x = first.widened();
            TorchArray y = second.widened();
            TorchArray turnedX = x.times(cosine).subtract(y.times(sine));
            TorchArray turnedY = y.times(cosine).add(x.times(sine));
            first.assign(turnedX);
            second.assign(turnedY);
        });
    }

    void crossEntropy(Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        Views.requireDevice(logits, labels, weights, losses);
        logitsGradient.ifPresent(Views::requireDevice);
        blocks.rows(logits.rows(), logits.columns(), block -> {
            TorchArray wanted = views.column(block.perRow(labels)).as(ScalarType.Long); // (rows, 1)
            TorchArray unlabelled = wanted.below(0);
            TorchArray picked = wanted.replaced(unlabelled, 0);
            TorchArray logarithms = views.read(block.of(logits)).logSoftmax(); // (rows, vocabulary)
            TorchArray loss = logarithms.pick(picked).multiply(-1).fillWhere(unlabelled, 0);
            views.column(block.perRow(losses)).assign(loss);
            if (logitsGradient.isPresent()) {
                TorchArray scale = views.column(block.perRow(weights)).replaced(unlabelled, 0);
                TorchArray minusOne = views.scratch(scale.rows(), 1).fill(-1);
                TorchArray gradient = logarithms.exponentiate().addAtEach(picked, minusOne);
                views.of(block.of(logitsGradient.get())).assign(gradient.multiply(scale));
            }
        });
    }

    void crossEntropyPart(Tensor logits, Tensor labels, Tensor statistics) {
        Views.requireDevice(logits, labels, statistics);
        blocks.rows(logits.rows(), logits.columns(), block -> {
            TorchArray wanted = views.column(block.perRow(labels)).as(ScalarType.Long); // (rows, 1)
            TorchArray elsewhere = wanted.below(0);
            TorchArray x = views.read(block.of(logits));
            TorchArray maximum = x.rowMaximum();
            TorchArray sum = x.minus(maximum).exponentiate().sum(1);
            TorchArray labelLogit = x.pick(wanted.replaced(elsewhere, 0)).fillWhere(elsewhere, 0);
            views.column(block.perRow(statistics.rows(0, 1))).assign(maximum);
            views.column(block.perRow(statistics.rows(1, 2))).assign(sum);
            views.column(block.perRow(statistics.rows(2, 3))).assign(labelLogit);
        });
    }

    void crossEntropyPartGradient(
            Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient) {
        Views.requireDevice(logits, labels, weights, logSumExp, logitsGradient);
        blocks.rows(logits.rows(), logits.columns(), block -> {
            TorchArray wanted = views.column(block.perRow(labels)).as(ScalarType.Long); // (rows, 1)
            TorchArray elsewhere = wanted.below(0);
            TorchArray x = views.read(block.of(logits));
            TorchArray gradient = x.minus(views.column(block.perRow(logSumExp))).exponentiate();
            TorchArray minusOne = views.scratch(gradient.rows(), 1).fill(-1).fillWhere(elsewhere, 0);
            gradient.addAtEach(wanted.replaced(elsewhere, 0), minusOne);
            TorchArray scale = views.column(block.perRow(weights)).replaced(wanted.is(Kernels.NO_LABEL), 0);
            views.of(block.of(logitsGradient)).assign(gradient.multiply(scale));
        });
    }
}
