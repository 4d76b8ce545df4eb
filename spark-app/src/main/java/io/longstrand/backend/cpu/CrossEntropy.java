package io.longstrand.backend.cpu;

import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Cross-entropy of the rows of logits, and its gradient. */
final class CrossEntropy {
    private static final int NO_LABEL = -1;

    private final LanePool lanes;
    private final Scratch scratch;

    CrossEntropy(LanePool lanes, Scratch scratch) {
        this.lanes = lanes;
        this.scratch = scratch;
    }

    void rows(Tensor logits, Tensor labels, Tensor weights, Tensor losses, Optional<Tensor> logitsGradient) {
        long tokens = logits.rows();
        int vocabulary = Math.toIntExact(logits.columns());
        Rows scores = Rows.floats(logits, "logits");
        Rows label = Rows.integers(labels, tokens, "labels");
        Rows weight = Rows.floats(weights, 1, tokens, "weights");
        Rows loss = Rows.floats(losses, 1, tokens, "losses");
        Optional<Rows> gradients =
                logitsGradient.map(gradient -> Rows.floats(gradient, tokens, vocabulary, "logitsGradient"));
        lanes.ranges(tokens, GainGradients.grain(vocabulary), (first, end, lane) -> {
            // Without a gradient the exponentials go to scratch: the logits must stay what they are.
            Rows spare = gradients.isPresent() ? scores : Rows.floats(scratch.floats(lane, 1, vocabulary), "scratch");
            for (long token = first; token < end; token++) {
                ByteBuffer target = gradients.isPresent() ? gradients.get().buffer(token) : spare.buffer(0);
                int targetAt = gradients.isPresent() ? gradients.get().at(token) : spare.at(0);
                int own = label.getInt(token);
                if (own == NO_LABEL) {
                    loss.setFloat(token, 0f);
                    Elementwise.fillFloats(target, targetAt, vocabulary, 0f);
                    continue;
                }
                if (own < 0 || own >= vocabulary) {
                    throw new IllegalArgumentException("label " + own + " at token " + token
                            + " is outside the vocabulary of " + vocabulary + " and not -1");
                }
                float ownWeight = weight.getFloat(token);
                loss.setFloat(
                        token,
                        row(scores.buffer(token), scores.at(token), target, targetAt, vocabulary, own, ownWeight));
            }
        });
    }

    /** Writes {@code weight · (softmax − one-hot)} and returns −ln softmax of the label. */
    private static float row(
            ByteBuffer logits, int at, ByteBuffer target, int targetAt, int vocabulary, int label, float weight) {
        float maximum = SoftmaxRows.maximum(logits, at, 0, vocabulary);
        float labelScore = logits.getFloat(at + label * Float.BYTES);
        if (logits != target || at != targetAt) {
            target.put(targetAt, logits, at, vocabulary * Float.BYTES);
        }
        float sum = SoftmaxRows.exponentiate(target, targetAt, 0, vocabulary, 1f, maximum);
        SoftmaxRows.scale(target, targetAt, target, targetAt, vocabulary, weight / sum);
        int labelAt = targetAt + label * Float.BYTES;
        target.putFloat(labelAt, target.getFloat(labelAt) - weight);
        return (float) (maximum - labelScore + Math.log(sum));
    }
}
