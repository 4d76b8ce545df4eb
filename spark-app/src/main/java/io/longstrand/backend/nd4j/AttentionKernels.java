package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The running softmax of flash attention. Hidden scores become −∞ before anything is computed with them. */
final class AttentionKernels {
    private static final double UNSEEN = Double.NEGATIVE_INFINITY;

    private final Views views;
    private final Blocks blocks;

    AttentionKernels(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void tile(
            Tensor scores,
            TileMask mask,
            float scale,
            Tensor rowMaximum,
            Tensor rowSum,
            Tensor accumulator,
            Tensor probabilities) {
        views.requireDevice(scores, rowMaximum, rowSum, accumulator, probabilities);
        requireDevice(mask);
        blocks.rows(scores.rows(), scores.columns(), block -> {
            INDArray s = visible(views.read(block.of(scores)).mul(scale), mask, block); // (queries, keys)
            INDArray maximum = views.column(block.perRow(rowMaximum)); // (queries, 1)
            INDArray sum = views.column(block.perRow(rowSum));
            INDArray newMaximum = Transforms.max(maximum, s.max(true, 1), true);
            INDArray shift = finiteOr(newMaximum, 0);
            INDArray p = Transforms.exp(s.subiColumnVector(shift), false);
            INDArray correction = Transforms.exp(maximum.sub(shift), false); // 0 before the first visible key
            sum.muli(correction).addi(p.sum(true, 1));
            views.of(block.rowsOf(accumulator)).muliColumnVector(correction);
            maximum.assign(newMaximum);
            views.write(p, block.of(probabilities));
        });
    }

    void finish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        views.requireDevice(accumulator, rowMaximum, rowSum, out, logSumExp);
        blocks.rows(accumulator.rows(), accumulator.columns(), block -> {
            INDArray sum = views.column(block.perRow(rowSum));
            INDArray maximum = views.column(block.perRow(rowMaximum));
            INDArray divisor = select(sum.gt(0), sum, Nd4j.onesLike(sum)); // a row that saw no key: 0 / 1
            INDArray result = views.read(block.of(accumulator)).divColumnVector(divisor);
            views.column(block.perRow(logSumExp))
                    .assign(Transforms.log(divisor, false).addi(maximum));
            views.write(result, block.of(out));
        });
    }

    void tileBackward(
            Tensor scores,
            Tensor probabilitiesGradient,
            TileMask mask,
            float scale,
            Tensor logSumExp,
            Tensor delta,
            Tensor probabilities,
            Tensor scoresGradient) {
        views.requireDevice(scores, probabilitiesGradient, logSumExp, delta, probabilities, scoresGradient);
        requireDevice(mask);
        blocks.rows(scores.rows(), scores.columns(), block -> {
            INDArray s = visible(views.read(block.of(scores)).mul(scale), mask, block);
            // Subtracting +∞ hides every score of a row that saw no key.
            INDArray shift = finiteOr(views.column(block.perRow(logSumExp)), Double.POSITIVE_INFINITY);
            INDArray p = Transforms.exp(s.subiColumnVector(shift), false);
            INDArray gradient = views.read(block.of(probabilitiesGradient))
                    .subColumnVector(views.column(block.perRow(delta)))
                    .muli(p)
                    .muli(scale);
            views.write(p, block.of(probabilities));
            views.write(gradient, block.of(scoresGradient));
        });
    }

    private void requireDevice(TileMask mask) {
        if (mask instanceof TileMask.Ranges ranges) {
            views.requireDevice(ranges.firstKey(), ranges.endKey());
        } else if (mask instanceof TileMask.Bits bits) {
            views.requireDevice(bits.words());
        }
    }

    /** The scores with −∞ where the mask hides them. */
    private INDArray visible(INDArray scores, TileMask mask, Blocks.Block block) {
        if (mask instanceof TileMask.Full) {
            return scores;
        }
        INDArray hidden = Nd4j.valueArrayOf(scores.shape(), UNSEEN, DataType.FLOAT);
        if (mask instanceof TileMask.Bits bits) {
            return select(set(views.of(block.rowsOf(bits.words())), scores.columns()), scores, hidden);
        }
        TileMask.Ranges ranges = (TileMask.Ranges) mask;
        INDArray keys = Nd4j.zeros(DataType.FLOAT, scores.shape())
                .addiRowVector(
                        Nd4j.arange(scores.columns()).castTo(DataType.FLOAT).reshape(1, scores.columns()));
        INDArray fromFirst = keys.subColumnVector(withinTile(block.perRow(ranges.firstKey()), ranges.tileStart()));
        INDArray fromEnd = keys.subColumnVector(withinTile(block.perRow(ranges.endKey()), ranges.tileStart()));
        return select(fromEnd.lt(0), select(fromFirst.gte(0), scores, hidden), hidden);
    }

    /** Which of a row's first bits are set, (rows, columns). @param words INT32 (rows, words) */
    private static INDArray set(INDArray words, int columns) {
        INDArray places = Nd4j.arange(columns).castTo(DataType.INT);
        INDArray ofColumns = Nd4j.createUninitialized(DataType.INT, words.rows(), columns);
        Nd4j.exec(DynamicCustomOp.builder("gather")
                .addInputs(words, places.div(Integer.SIZE))
                .addOutputs(ofColumns)
                .addIntegerArguments(1)
                .build());
        int[] powers = new int[columns];
        for (int column = 0; column < columns; column++) {
            powers[column] = 1 << column % Integer.SIZE;
        }
        INDArray picked = Nd4j.createUninitialized(DataType.INT, words.rows(), columns);
        Nd4j.exec(DynamicCustomOp.builder("bitwise_and")
                .addInputs(ofColumns, Nd4j.createFromArray(powers).reshape(1, columns))
                .addOutputs(picked)
                .build());
        return picked.neq(0);
    }

    /** Keys counted from the tile's first column, (rows, 1): exact near the tile, and on the right side of it beyond. */
    private INDArray withinTile(Tensor keys, long tileStart) {
        return views.column(keys).castTo(DataType.DOUBLE).subi(tileStart).castTo(DataType.FLOAT);
    }

    /** The values, with −∞ replaced. */
    private static INDArray finiteOr(INDArray values, double replacement) {
        return select(values.gt(UNSEEN), values, Nd4j.valueArrayOf(values.shape(), replacement, DataType.FLOAT));
    }

    private static INDArray select(INDArray condition, INDArray yes, INDArray no) {
        INDArray out = Nd4j.createUninitialized(DataType.FLOAT, yes.shape());
        Nd4j.exec(DynamicCustomOp.builder("select")
                .addInputs(condition, yes, no)
                .addOutputs(out)
                .build());
        return out;
    }
}
