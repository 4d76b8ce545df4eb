package io.longstrand.backend.cpu;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

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
                float labelLogit = own < 0 ? 0f : Native.getFloat(row.address() + (long) own * Float.BYTES);
                float maximum = CrossEntropy.copyPaddedLoop(row.address(), room.address(), ids);
                float sum = CrossEntropy.exponentiateLoop(room.address(), ids, maximum);
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
        long target = gradient.address();
        if (label == Kernels.NO_LABEL) {
            Elementwise.fillFloats(target, ids, 0f);
            return;
        }
        CrossEntropy.copyPaddedLoop(logits.address(), room.address(), ids);
        CrossEntropy.exponentiateLoop(room.address(), ids, logSumExp);
        CrossEntropy.scaleLoop(room.address(), target, ids, weight);
        if (label >= 0) {
            long labelAt = target + (long) label * Float.BYTES;
            Native.putFloat(labelAt, Native.getFloat(labelAt) - weight);
        }
    }

    private static void put(Rows statistics, int which, long token, float value) {
        Native.putFloat(statistics.address(which, token), value);
    }

    private static int checked(int label, int ids, long token) {
        if (label < Kernels.LABEL_ELSEWHERE || label >= ids) {
            throw new IllegalArgumentException("label " + label + " at token " + token + " is outside the part of "
                    + ids + " ids, not " + Kernels.NO_LABEL + " and not " + Kernels.LABEL_ELSEWHERE);
        }
        return label;
    }
}
