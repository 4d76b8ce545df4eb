package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;

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
        Views.requireDevice(scores, rowMaximum, rowSum, accumulator, probabilities);
        requireDevice(mask);
        blocks.rows(scores.rows(), scores.columns(), block -> {
            TorchArray s = hidden(views.read(block.of(scores)).times(scale), mask, block); // (queries, keys)
            TorchArray maximum = views.column(block.perRow(rowMaximum)); // (queries, 1)
            TorchArray newMaximum = maximum.maximum(s.rowMaximum());
            TorchArray shift = newMaximum.replaced(newMaximum.is(UNSEEN), 0);
            TorchArray p = s.subtract(shift).exponentiate();
            TorchArray correction = maximum.minus(shift).exponentiate(); // 0 before the first visible key
            views.column(block.perRow(rowSum)).multiply(correction).add(p.sum(1));
            views.of(block.rowsOf(accumulator)).multiply(correction);
            maximum.assign(newMaximum);
            views.of(block.of(probabilities)).assign(p);
        });
    }

    void finish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        Views.requireDevice(accumulator, rowMaximum, rowSum, out, logSumExp);
        blocks.rows(accumulator.rows(), accumulator.columns(), block -> {
            TorchArray sum = views.column(block.perRow(rowSum));
            TorchArray divisor = sum.replaced(sum.is(0), 1); // a row that saw no key: 0 / 1
            TorchArray result = views.of(block.of(accumulator)).dividedBy(divisor);
            views.column(block.perRow(logSumExp))
                    .assign(divisor.logarithm().add(views.column(block.perRow(rowMaximum))));
            views.of(block.of(out)).assign(result);
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
        Views.requireDevice(scores, probabilitiesGradient, logSumExp, delta, probabilities, scoresGradient);
        requireDevice(mask);
        blocks.rows(scores.rows(), scores.columns(), block -> {
            TorchArray s = hidden(views.read(block.of(scores)).times(scale), mask, block);
            TorchArray statistics = views.column(block.perRow(logSumExp)); // (queries, 1)
            // Subtracting +∞ hides every score of a row that saw no key.
            TorchArray shift = statistics.replaced(statistics.is(UNSEEN), Double.POSITIVE_INFINITY);
            TorchArray p = s.subtract(shift).exponentiate();
            TorchArray gradient = views.read(block.of(probabilitiesGradient))
                    .minus(views.column(block.perRow(delta)))
                    .multiply(p)
                    .multiply(scale);
            views.of(block.of(probabilities)).assign(p);
            views.of(block.of(scoresGradient)).assign(gradient);
        });
    }

    private static void requireDevice(TileMask mask) {
        if (mask instanceof TileMask.Ranges ranges) {
            Views.requireDevice(ranges.firstKey(), ranges.endKey());
        } else if (mask instanceof TileMask.Bits bits) {
            Views.requireDevice(bits.words());
        }
    }

    /** The scores, −∞ where the mask hides them. */
    private TorchArray hidden(TorchArray scores, TileMask mask, Blocks.Block block) {
        if (mask instanceof TileMask.Ranges ranges) {
            return scores.fillWhere(outside(ranges, block), UNSEEN);
        }
        if (mask instanceof TileMask.Bits bits) {
            return scores.fillWhere(unset(bits, block), UNSEEN);
        }
        return scores;
    }

    private TorchArray outside(TileMask.Ranges ranges, Blocks.Block block) {
        TorchArray keys = views.numbers(ranges.tileStart(), ranges.tileStart() + block.endColumn()); // (keys)
        TorchArray tooEarly = keys.below(views.column(block.perRow(ranges.firstKey()))); // (queries, keys)
        TorchArray tooLate = keys.notBelow(views.column(block.perRow(ranges.endKey())));
        return tooEarly.or(tooLate);
    }

    private TorchArray unset(TileMask.Bits bits, Blocks.Block block) {
        TorchArray columns = views.numbers(0, block.endColumn()); // (keys)
        TorchArray words = views.of(block.rowsOf(bits.words())).lookUpColumns(columns.shifted(5)); // (queries, keys)
        return words.shifted(columns.masked(Integer.SIZE - 1)).masked(1).is(0);
    }
}
