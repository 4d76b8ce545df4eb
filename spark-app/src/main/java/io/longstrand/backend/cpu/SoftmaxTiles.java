package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.nio.ByteBuffer;

/** The softmax of flash attention, tile by tile (Dao 2023, algorithms 1 and 2). */
final class SoftmaxTiles {
    private final LanePool lanes;

    SoftmaxTiles(LanePool lanes) {
        this.lanes = lanes;
    }

    void forward(Tensor scores, TileMask mask, float scale, Tensor rowMaximum, Tensor rowSum, Tensor accumulator) {
        long queries = scores.rows();
        Rows tile = Rows.floats(scores, "scores");
        Rows maxima = Rows.floats(rowMaximum, 1, queries, "rowMaximum");
        Rows sums = Rows.floats(rowSum, 1, queries, "rowSum");
        Rows accumulators = Rows.floats(accumulator, queries, accumulator.columns(), "accumulator");
        VisibleKeys visible = VisibleKeys.of(mask, scores);
        int keys = Math.toIntExact(scores.columns());
        int headSize = Math.toIntExact(accumulator.columns());
        requirePositive(scale);
        lanes.ranges(queries, GainGradients.grain(keys), (first, end, lane) -> {
            for (long query = first; query < end; query++) {
                ByteBuffer row = tile.buffer(query);
                int at = tile.at(query);
                int from = visible.first(query);
                int to = visible.end(query, from);
                float before = maxima.getFloat(query);
                float now = Math.max(before, SoftmaxRows.maximum(row, at, from, to) * scale);
                if (now == Float.NEGATIVE_INFINITY) {
                    Elementwise.fillFloats(row, at, keys, 0f);
                    continue;
                }
                float sum = SoftmaxRows.exponentiate(row, at, from, to, scale, now);
                Elementwise.fillFloats(row, at, from, 0f);
                Elementwise.fillFloats(row, at + to * Float.BYTES, keys - to, 0f);
                if (before == now) {
                    sums.setFloat(query, sums.getFloat(query) + sum);
                    continue;
                }
                ByteBuffer gathered = accumulators.buffer(query);
                int gatheredAt = accumulators.at(query);
                if (before == Float.NEGATIVE_INFINITY) {
                    // Nothing was gathered: whatever the memory holds must not be scaled, it may be NaN.
                    Elementwise.fillFloats(gathered, gatheredAt, headSize, 0f);
                    sums.setFloat(query, sum);
                } else {
                    float shrink = (float) Math.exp(before - now);
                    SoftmaxRows.scale(gathered, gatheredAt, gathered, gatheredAt, headSize, shrink);
                    sums.setFloat(query, Math.fma(sums.getFloat(query), shrink, sum));
                }
                maxima.setFloat(query, now);
            }
        });
    }

    void finish(Tensor accumulator, Tensor rowMaximum, Tensor rowSum, Tensor out, Tensor logSumExp) {
        long queries = accumulator.rows();
        Rows accumulators = Rows.floats(accumulator, "accumulator");
        Rows maxima = Rows.floats(rowMaximum, 1, queries, "rowMaximum");
        Rows sums = Rows.floats(rowSum, 1, queries, "rowSum");
        Rows target = Rows.floats(out, queries, accumulator.columns(), "out");
        Rows logs = Rows.floats(logSumExp, 1, queries, "logSumExp");
        int headSize = Math.toIntExact(accumulator.columns());
        lanes.ranges(queries, GainGradients.grain(headSize), (first, end, lane) -> {
            for (long query = first; query < end; query++) {
                float sum = sums.getFloat(query);
                float maximum = maxima.getFloat(query);
                if (maximum == Float.NEGATIVE_INFINITY) {
                    Elementwise.fillFloats(target.buffer(query), target.at(query), headSize, 0f);
                    logs.setFloat(query, Float.NEGATIVE_INFINITY);
                    continue;
                }
                SoftmaxRows.scale(
                        accumulators.buffer(query),
                        accumulators.at(query),
                        target.buffer(query),
                        target.at(query),
                        headSize,
                        1f / sum);
                logs.setFloat(query, (float) (maximum + Math.log(sum)));
            }
        });
    }

    void backward(
            Tensor scores, TileMask mask, float scale, Tensor logSumExp, Tensor delta, Tensor probabilitiesGradient) {
        long queries = scores.rows();
        Rows tile = Rows.floats(scores, "scores");
        Rows logs = Rows.floats(logSumExp, 1, queries, "logSumExp");
        Rows deltas = Rows.floats(delta, 1, queries, "delta");
        Rows gradients = Rows.floats(probabilitiesGradient, queries, scores.columns(), "probabilitiesGradient");
        VisibleKeys visible = VisibleKeys.of(mask, scores);
        int keys = Math.toIntExact(scores.columns());
        requirePositive(scale);
        lanes.ranges(queries, GainGradients.grain(keys), (first, end, lane) -> {
            for (long query = first; query < end; query++) {
                ByteBuffer row = tile.buffer(query);
                int at = tile.at(query);
                ByteBuffer gradient = gradients.buffer(query);
                int gradientAt = gradients.at(query);
                float log = logs.getFloat(query);
                int from = visible.first(query);
                int to = log == Float.NEGATIVE_INFINITY ? from : visible.end(query, from);
                SoftmaxRows.recompute(row, at, gradient, gradientAt, from, to, scale, log, deltas.getFloat(query));
                Elementwise.fillFloats(row, at, from, 0f);
                Elementwise.fillFloats(row, at + to * Float.BYTES, keys - to, 0f);
                Elementwise.fillFloats(gradient, gradientAt, from, 0f);
                Elementwise.fillFloats(gradient, gradientAt + to * Float.BYTES, keys - to, 0f);
            }
        });
    }

    private static void requirePositive(float scale) {
        if (!(scale > 0)) {
            throw new IllegalArgumentException("scale " + scale + " of the scores is not positive");
        }
    }
}
