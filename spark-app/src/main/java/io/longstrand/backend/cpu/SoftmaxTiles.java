package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;

/** The softmax of flash attention, tile by tile (Dao 2023, algorithms 1 and 2), in powers of two inside. */
final class SoftmaxTiles {
    private final LanePool lanes;

    SoftmaxTiles(LanePool lanes) {
        this.lanes = lanes;
    }

    void forward(
            Tensor scores,
            TileMask mask,
            float scale,
            Tensor rowMaximum,
            Tensor rowSum,
            Tensor accumulator,
            Tensor probabilities) {
        long queries = scores.rows();
        Rows tile = Rows.floats(scores, "scores");
        Running running = new Running(
                Rows.floats(rowMaximum, 1, queries, "rowMaximum"),
                Rows.floats(rowSum, 1, queries, "rowSum"),
                Rows.floats(accumulator, queries, accumulator.columns(), "accumulator"),
                Math.toIntExact(accumulator.columns()));
        requirePositive(scale);
        TileRow.of(probabilities, scores, "probabilities");
        VisibleKeys.of(mask, scores);
        float factor = scale * PowerOfTwo.LOG2_E;
        lanes.ranges(queries, GainGradients.grain(scores.columns()), (first, end, lane) -> {
            VisibleKeys visible = VisibleKeys.of(mask, scores);
            TileRow out = TileRow.of(probabilities, scores, "probabilities");
            for (long query = first; query < end; query++) {
                visible.look(query);
                out.look(query);
                long row = tile.address(query);
                float before = running.maxima().getFloat(query);
                float now = Math.max(before, TileSoftmax.maximum(row, visible) * scale);
                if (now == Float.NEGATIVE_INFINITY) {
                    out.clear(0, visible.keys());
                    continue;
                }
                float reference = now * PowerOfTwo.LOG2_E;
                running.add(query, before, now, TileSoftmax.exponentiate(row, out, visible, factor, reference));
            }
        });
    }

    /** What the tiles so far came to. */
    private record Running(Rows maxima, Rows sums, Rows accumulators, int headSize) {
        /** Takes in the sum of a row whose maximum was {@code before} and is {@code now}. */
        void add(long query, float before, float now, float sum) {
            if (before == now) {
                sums.setFloat(query, sums.getFloat(query) + sum);
                return;
            }
            maxima.setFloat(query, now);
            long gathered = accumulators.address(query);
            if (before == Float.NEGATIVE_INFINITY) {
                // Nothing was gathered: whatever the memory holds must not be scaled, it may be NaN.
                Elementwise.fillFloats(gathered, headSize, 0f);
                sums.setFloat(query, sum);
            } else {
                float shrink = PowerOfTwo.of(before * PowerOfTwo.LOG2_E - now * PowerOfTwo.LOG2_E);
                TileSoftmax.scaleLoop(gathered, headSize, shrink);
                sums.setFloat(query, Math.fma(sums.getFloat(query), shrink, sum));
            }
        }
    }

    void finish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        long queries = accumulator.rows();
        Rows accumulators = Rows.floats(accumulator, "accumulator");
        Rows maxima = Rows.floats(rowMaximum, 1, queries, "rowMaximum");
        Rows sums = Rows.floats(rowSum, 1, queries, "rowSum");
        Rows logs = Rows.floats(logSumExp, 1, queries, "logSumExp");
        TileRow.of(out, accumulator, "out");
        int headSize = Math.toIntExact(accumulator.columns());
        lanes.ranges(queries, GainGradients.grain(headSize), (first, end, lane) -> {
            TileRow target = TileRow.of(out, accumulator, "out");
            for (long query = first; query < end; query++) {
                target.look(query);
                float sum = sums.getFloat(query);
                float maximum = maxima.getFloat(query);
                if (maximum == Float.NEGATIVE_INFINITY) {
                    target.clear(0, headSize);
                    logs.setFloat(query, Float.NEGATIVE_INFINITY);
                    continue;
                }
                target.scaledLoop(accumulators.address(query), headSize, 1f / sum);
                logs.setFloat(query, (float) (maximum + Math.log(sum)));
            }
        });
    }

    void backward(
            Tensor scores,
            Tensor probabilitiesGradient,
            TileMask mask,
            float scale,
            Tensor logSumExp,
            Tensor delta,
            Tensor probabilities,
            Tensor scoresGradient) {
        long queries = scores.rows();
        Rows tile = Rows.floats(scores, "scores");
        Rows logs = Rows.floats(logSumExp, 1, queries, "logSumExp");
        Rows deltas = Rows.floats(delta, 1, queries, "delta");
        Rows gradients = Rows.floats(probabilitiesGradient, queries, scores.columns(), "probabilitiesGradient");
        requirePositive(scale);
        requireSameType(probabilities, scoresGradient);
        TileRow.of(probabilities, scores, "probabilities");
        TileRow.of(scoresGradient, scores, "scoresGradient");
        VisibleKeys.of(mask, scores);
        float factor = scale * PowerOfTwo.LOG2_E;
        lanes.ranges(queries, GainGradients.grain(scores.columns()), (first, end, lane) -> {
            VisibleKeys visible = VisibleKeys.of(mask, scores);
            TileRow out = TileRow.of(probabilities, scores, "probabilities");
            TileRow gradientOut = TileRow.of(scoresGradient, scores, "scoresGradient");
            for (long query = first; query < end; query++) {
                visible.look(query);
                out.look(query);
                gradientOut.look(query);
                float log = logs.getFloat(query);
                if (log == Float.NEGATIVE_INFINITY) {
                    out.clear(0, visible.keys());
                    gradientOut.clear(0, visible.keys());
                    continue;
                }
                TileSoftmax.recompute(
                        tile.address(query),
                        gradients.address(query),
                        out,
                        gradientOut,
                        visible,
                        new TileSoftmax.Recomputation(
                                factor, log * PowerOfTwo.LOG2_E, scale, deltas.getFloat(query) * scale));
            }
        });
    }

    private static void requirePositive(float scale) {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("scale " + scale + " of the scores is not positive");
        }
    }

    private static void requireSameType(Tensor probabilities, Tensor scoresGradient) {
        if (probabilities.type() != scoresGradient.type()) {
            throw new IllegalArgumentException(
                    "probabilities are " + probabilities + " and the scores' gradient " + scoresGradient);
        }
    }
}
