package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.shape.Gather;
import org.nd4j.linalg.api.ops.impl.shape.OneHot;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Kernels that look things up by token: embedding, rotary positions, cross-entropy. */
final class TokenKernels {
    private final Views views;
    private final Blocks blocks;

    TokenKernels(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void embedding(Tensor indices, Tensor table, Tensor out, boolean accumulate) {
        views.requireDevice(indices, table, out);
        blocks.rows(out.rows(), out.columns(), block -> {
            INDArray rows = entries(table, block.perRow(indices));
            if (accumulate) {
                views.add(rows, block.of(out));
            } else {
                views.write(rows, block.of(out));
            }
        });
    }

    void embeddingBackward(Tensor indices, Tensor outGradient, Tensor tableGradient) {
        views.requireDevice(indices, outGradient, tableGradient);
        // A scatter op would add repeated tokens in an order of its own.
        blocks.rowsInOrder(outGradient, block -> {
            INDArray tokens = views.vector(block.perRow(indices));
            for (long row = block.firstRow(); row < block.endRow(); row++) {
                long token = tokens.getInt((int) (row - block.firstRow()));
                if (token == Kernels.NO_ENTRY) {
                    continue;
                }
                views.add(views.read(outGradient.rows(row, row + 1)), tableGradient.rows(token, token + 1));
            }
        });
    }

    void rotary(Tensor inOut, int headSize, Tensor positions, Tensor cosines, Tensor sines, boolean inverse) {
        views.requireDevice(inOut, positions, cosines, sines);
        int half = headSize / 2;
        blocks.rows(inOut.rows(), inOut.columns(), block -> {
            INDArray cosine = lookUp(cosines, block.perRow(positions)); // (rows, half)
            INDArray sine = lookUp(sines, block.perRow(positions));
            if (inverse) {
                sine.negi();
            }
            for (long head = 0; head < inOut.columns(); head += headSize) {
                Tensor first = block.rowsOf(inOut).columns(head, head + half);
                Tensor second = block.rowsOf(inOut).columns(head + half, head + headSize);
                INDArray x = views.read(first);
                INDArray y = views.read(second);
                INDArray turnedX = x.mul(cosine).subi(y.mul(sine));
                INDArray turnedY = y.mul(cosine).addi(x.mul(sine));
                views.write(turnedX, first);
                views.write(turnedY, second);
            }
        });
    }

    void crossEntropy(Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        views.requireDevice(logits, labels, weights, losses);
        logitsGradient.ifPresent(views::requireDevice);
        blocks.rows(logits.rows(), logits.columns(), block -> {
            INDArray oneHot = oneHot(labels, logits, block);
            INDArray hasLabel = oneHot.sum(true, 1); // (rows, 1), 1 or 0
            INDArray x = views.read(block.of(logits));
            INDArray shifted = x.subColumnVector(x.max(true, 1));
            INDArray atLabel = shifted.mul(oneHot).sum(true, 1);
            INDArray exponentials = Transforms.exp(shifted, false);
            INDArray sums = exponentials.sum(true, 1);
            INDArray loss = Transforms.log(sums, true).subi(atLabel).muli(hasLabel);
            if (logitsGradient.isPresent()) {
                INDArray scale = views.column(block.perRow(weights)).mul(hasLabel);
                INDArray gradient =
                        exponentials.diviColumnVector(sums).subi(oneHot).muliColumnVector(scale);
                views.write(gradient, block.of(logitsGradient.get()));
            }
            views.column(block.perRow(losses)).assign(loss);
        });
    }

    void crossEntropyPart(Tensor logits, Tensor labels, Tensor statistics) {
        views.requireDevice(logits, labels, statistics);
        blocks.rows(logits.rows(), logits.columns(), block -> {
            INDArray x = views.read(block.of(logits));
            INDArray maximum = x.max(true, 1);
            INDArray sums = Transforms.exp(x.subColumnVector(maximum), false).sum(true, 1);
            views.column(block.perRow(statistics.rows(0, 1))).assign(maximum);
            views.column(block.perRow(statistics.rows(1, 2))).assign(sums);
            views.column(block.perRow(statistics.rows(2, 3)))
                    .assign(x.mul(oneHot(labels, logits, block)).sum(true, 1));
        });
    }

    void crossEntropyPartGradient(
            Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient) {
        views.requireDevice(logits, labels, weights, logSumExp, logitsGradient);
        blocks.rows(logits.rows(), logits.columns(), block -> {
            INDArray wanted = views.vector(block.perRow(labels));
            INDArray hasLabel =
                    wanted.neq(Kernels.NO_LABEL).castTo(DataType.FLOAT).reshape(wanted.length(), 1);
            INDArray scale = views.column(block.perRow(weights)).mul(hasLabel);
            INDArray shifted = views.read(block.of(logits)).subColumnVector(views.column(block.perRow(logSumExp)));
            INDArray gradient = Transforms.exp(shifted, false).subi(oneHot(labels, logits, block));
            views.write(gradient.muliColumnVector(scale), block.of(logitsGradient));
        });
    }

    /** A label below 0 is out of range: its row is all 0. */
    private INDArray oneHot(Tensor labels, Tensor logits, Blocks.Block block) {
        INDArray wanted = views.vector(block.perRow(labels));
        return Nd4j.exec(new OneHot(wanted, (int) logits.columns(), -1, 1, 0, DataType.FLOAT))[0];
    }

    /** The rows of a table that indices name, zeros for those that name none. */
    private INDArray entries(Tensor table, Tensor indices) {
        INDArray named = views.vector(indices);
        INDArray isThere = named.neq(Kernels.NO_ENTRY).castTo(DataType.FLOAT).reshape(named.length(), 1);
        INDArray rows = Nd4j.exec(new Gather(views.of(table), Transforms.max(named, 0, true), 0))[0];
        return rows.castTo(DataType.FLOAT).muliColumnVector(isThere);
    }

    /** The rows of a table that a vector of indices names, FLOAT32 and newly allocated. */
    private INDArray lookUp(Tensor table, Tensor indices) {
        INDArray rows = Nd4j.exec(new Gather(views.of(table), views.vector(indices), 0))[0];
        return rows.castTo(DataType.FLOAT);
    }
}
