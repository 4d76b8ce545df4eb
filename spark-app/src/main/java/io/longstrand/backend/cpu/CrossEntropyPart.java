package io.longstrand.backend.cpu;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;

/** Cross-entropy of rows of which a rank has some columns: what these say of it, and their share of its gradient. */
final class CrossEntropyPart {
    private static final int MAXIMUM = 0;
    private static final int SUM = 1;
    private static final int LABEL_LOGIT = 2;
    private static final int STATISTICS = 3;

    private final LanePool lanes;
    private final Scratch widened;

    CrossEntropyPart(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void statistics(Tensor logits, Tensor labels, Tensor statistics) {
        long tokens = logits.rows();
        int ids = Math.toIntExact(logits.columns());
        FloatOperands operands = new FloatOperands(widened, ids);
        FloatOperands.Operand scores = operands.of(logits, "logits");
        FloatOperands.Operand work = operands.spare();
        Rows label = Rows.integers(labels, tokens, "labels");
        Rows out = Rows.floats(statistics, STATISTICS, tokens, "statistics");
        lanes.ranges(tokens, Pieces.rowGrain(ids), (first, end, lane) -> {
            FloatSpan row = scores.on(lane);
            FloatSpan room = work.on(lane);
            for (long token = first; token < end; token++) {
                int own = checked(label.getInt(token), ids, token);
                row.read(token, ids);
                float labelLogit = own < 0 ? 0f : row.buffer().getFloat(row.at() + own * Float.BYTES);
                float maximum = CrossEntropy.copyPaddedLoop(row.buffer(), row.at(), room.buffer(), room.at(), ids);
                float sum = CrossEntropy.exponentiateLoop(room.buffer(), room.at(), ids, maximum);
                put(out, MAXIMUM, token, maximum);
                put(out, SUM, token, sum);
                put(out, LABEL_LOGIT, token, labelLogit);
            }
        });
    }

    void gradient(Tensor logits, Tensor labels, Tensor weights, Tensor logSumExp, Tensor logitsGradient) {
        long tokens = logits.rows();
        int ids = Math.toIntExact(logits.columns());
        FloatOperands operands = new FloatOperands(widened, ids);
        FloatOperands.Operand scores = operands.of(logits, "logits");
        FloatOperands.Operand work = operands.spare();
        FloatOperands.Operand gradients = operands.of(logitsGradient, tokens, ids, "logitsGradient");
        Rows label = Rows.integers(labels, tokens, "labels");
        Rows weight = Rows.floats(weights, 1, tokens, "weights");
        Rows total = Rows.floats(logSumExp, 1, tokens, "logSumExp");
        lanes.ranges(tokens, Pieces.rowGrain(ids), (first, end, lane) -> {
            FloatSpan row = scores.on(lane);
            FloatSpan room = work.on(lane);
            FloatSpan gradient = gradients.on(lane);
            for (long token = first; token < end; token++) {
                int own = checked(label.getInt(token), ids, token);
                row.read(token, ids);
                gradient.place(token, ids);
                row(row, room, gradient, ids, own, weight.getFloat(token), total.getFloat(token));
                gradient.write();
            }
        });
    }

    private static void row(
            FloatSpan logits, FloatSpan room, FloatSpan gradient, int ids, int label, float weight, float logSumExp) {
        ByteBuffer target = gradient.buffer();
        int targetAt = gradient.at();
        if (label == Kernels.NO_LABEL) {
            Elementwise.fillFloats(target, targetAt, ids, 0f);
            return;
        }
        CrossEntropy.copyPaddedLoop(logits.buffer(), logits.at(), room.buffer(), room.at(), ids);
        CrossEntropy.exponentiateLoop(room.buffer(), room.at(), ids, logSumExp);
        CrossEntropy.scaleLoop(room.buffer(), room.at(), target, targetAt, ids, weight);
        if (label >= 0) {
            int labelAt = targetAt + label * Float.BYTES;
            target.putFloat(labelAt, target.getFloat(labelAt) - weight);
        }
    }

    private static void put(Rows statistics, int which, long token, float value) {
        statistics.buffer(which, token).putFloat(statistics.at(which, token), value);
    }

    private static int checked(int label, int ids, long token) {
        if (label < Kernels.LABEL_ELSEWHERE || label >= ids) {
            throw new IllegalArgumentException("label " + label + " at token " + token + " is outside the part of "
                    + ids + " ids, not " + Kernels.NO_LABEL + " and not " + Kernels.LABEL_ELSEWHERE);
        }
        return label;
    }
}
