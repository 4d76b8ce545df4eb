package io.longstrand.backend.cpu;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Cross-entropy of the rows of logits, and its gradient. A row is worked on in scratch, where −∞ fills it up to whole
 * vectors: vocabularies of genomes are small, and a row's last elements must not cost more than all before them.
 */
final class CrossEntropy {
    private final LanePool lanes;
    private final Scratch widened;

    CrossEntropy(LanePool lanes, Scratch widened) {
        this.lanes = lanes;
        this.widened = widened;
    }

    void rows(Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        long tokens = logits.rows();
        int vocabulary = Math.toIntExact(logits.columns());
        FloatOperands operands = new FloatOperands(widened, vocabulary);
        FloatOperands.Operand scores = operands.of(logits, "logits");
        FloatOperands.Operand work = operands.spare();
        Optional<FloatOperands.Operand> gradients =
                logitsGradient.map(gradient -> operands.of(gradient, tokens, vocabulary, "logitsGradient"));
        Rows label = Rows.integers(labels, tokens, "labels");
        Rows weight = Rows.floats(weights, 1, tokens, "weights");
        Rows loss = Rows.floats(losses, 1, tokens, "losses");
        lanes.ranges(tokens, Pieces.rowGrain(vocabulary), (first, end, lane) -> {
            FloatSpan row = scores.on(lane);
            FloatSpan room = work.on(lane);
            Optional<FloatSpan> gradient = gradients.map(target -> target.on(lane));
            for (long token = first; token < end; token++) {
                int own = checked(label.getInt(token), vocabulary, token);
                row.read(token, vocabulary);
                place(gradient, token, vocabulary);
                loss.setFloat(token, row(row, room, gradient, vocabulary, own, weight.getFloat(token)));
                gradient.ifPresent(FloatSpan::write);
            }
        });
    }

    private static void place(Optional<FloatSpan> gradient, long token, int vocabulary) {
        if (gradient.isPresent()) {
            gradient.get().place(token, vocabulary);
        }
    }

    private static int checked(int label, int vocabulary, long token) {
        if (label < Kernels.NO_LABEL || label >= vocabulary) {
            throw new IllegalArgumentException("label " + label + " at token " + token
                    + " is outside the vocabulary of " + vocabulary + " and not -1");
        }
        return label;
    }

    /** Places {@code weight · (softmax − one-hot)} in the gradient and returns −ln softmax of the label. */
    private static float row(
            FloatSpan logits, FloatSpan room, Optional<FloatSpan> gradient, int vocabulary, int label, float weight) {
        if (label == Kernels.NO_LABEL) {
            if (gradient.isPresent()) {
                Elementwise.fillFloats(gradient.get().address(), vocabulary, 0f);
            }
            return 0f;
        }
        long work = room.address();
        float maximum = copyPaddedLoop(logits.address(), work, vocabulary);
        float labelScore = Native.getFloat(work + label * Float.BYTES);
        float sum = exponentiateLoop(work, vocabulary, maximum);
        if (gradient.isPresent()) {
            long target = gradient.get().address();
            scaleLoop(work, target, vocabulary, weight / sum);
            long labelAt = target + (long) label * Float.BYTES;
            Native.putFloat(labelAt, Native.getFloat(labelAt) - weight);
        }
        return (float) (maximum - labelScore + Math.log(sum));
    }

    /** Copies a row, fills the last vector up with −∞, and returns the largest value. */
    static float copyPaddedLoop(long in, long out, int length) {
        FloatVector most = Floats.all(Float.NEGATIVE_INFINITY);
        int whole = Floats.whole(length) * Float.BYTES;
        int bytes = length * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector x = Floats.load(in + i);
            Floats.store(x, out + i);
            most = Floats.larger(most, x);
        }
        if (whole < bytes) {
            Floats.store(Floats.all(Float.NEGATIVE_INFINITY), out + whole);
            for (int i = whole; i < bytes; i += Float.BYTES) {
                Native.putFloat(out + i, Native.getFloat(in + i));
            }
            most = Floats.larger(most, Floats.load(out + whole));
        }
        return most.reduceLanes(VectorOperators.MAX);
    }

    /** Makes each value of a padded row {@code exp(value − maximum)} and returns their sum. */
    static float exponentiateLoop(long row, int length, float maximum) {
        FloatVector vMaximum = Floats.all(maximum);
        FloatVector sum = Floats.all(0f);
        for (int i = 0; i < length * Float.BYTES; i += Floats.BYTES) {
            FloatVector e = Exponential.ofAtMost88(Floats.load(row + i).sub(vMaximum));
            Floats.store(e, row + i);
            sum = sum.add(e);
        }
        return Floats.sum(sum);
    }

    static void scaleLoop(long in, long out, int length, float factor) {
        FloatVector vFactor = Floats.all(factor);
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            Floats.store(Floats.load(in + i).mul(vFactor), out + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            Native.putFloat(out + i, Native.getFloat(in + i) * factor);
        }
    }
}
