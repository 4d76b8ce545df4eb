package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;

/** Attention over whole causal sequences, where a backend has it, against float64. */
class FusedAttentionTest {
    private static final int GROUP = 2;
    private static final int KEY_HEADS = 2;

    private final RandomMatrices random = new RandomMatrices(11);

    @EveryBackend
    void whole_sequences_equal_float64_forward_and_backward_also_in_place(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            bench.kernels().fusedAttention().ifPresent(attention -> {
                for (int tokens : new int[] {2, 70, 257}) {
                    for (int headSize : new int[] {6, 32, 64}) {
                        if (attention.supports(DataType.FLOAT32, headSize)) {
                            check(bench, attention, tokens, headSize);
                        }
                    }
                }
            });
        }
    }

    private void check(Workbench bench, FusedAttention attention, int tokens, int headSize) {
        int heads = GROUP * KEY_HEADS;
        double[][] q = random.normal(tokens, heads * headSize);
        double[][] k = random.normal(tokens, KEY_HEADS * headSize);
        double[][] v = random.normal(tokens, KEY_HEADS * headSize);
        double[][] gradient = random.normal(tokens, heads * headSize);
        double[][] out = new double[tokens][heads * headSize];
        double[][] logSumExp = new double[heads][];
        double[][] byQuery = new double[tokens][heads * headSize];
        double[][] byKey = new double[tokens][KEY_HEADS * headSize];
        double[][] byValue = new double[tokens][KEY_HEADS * headSize];
        float scale = (float) (1 / Math.sqrt(headSize));
        ReferenceAttention reference = new ReferenceAttention((query, key) -> key <= query, scale);
        for (int head = 0; head < heads; head++) {
            double[][] query = head(q, head, headSize);
            double[][] key = head(k, head / GROUP, headSize);
            double[][] value = head(v, head / GROUP, headSize);
            ReferenceAttention.Forward forward = reference.forward(query, key, value);
            ReferenceAttention.Backward backward =
                    reference.backward(query, key, value, head(gradient, head, headSize));
            add(forward.out(), out, head, headSize);
            logSumExp[head] = forward.logSumExp();
            add(backward.query(), byQuery, head, headSize);
            add(backward.key(), byKey, head / GROUP, headSize);
            add(backward.value(), byValue, head / GROUP, headSize);
        }
        FusedAttention.Sequence sequence = new FusedAttention.Sequence(
                bench.device(q, Placing.VIEW),
                bench.device(k, Placing.VIEW),
                bench.device(v, Placing.VIEW),
                bench.undefined(tokens, heads * headSize, Placing.VIEW),
                bench.undefined(heads, tokens, Placing.VIEW),
                headSize,
                scale);
        attention.forward(sequence);
        String what = tokens + " tokens, head size " + headSize;
        Tolerance.FLOAT32_SUMS.check(what + " out", bench.read(sequence.out()), out);
        Tolerance.FLOAT32_SUMS.check(what + " log-sum-exp", bench.read(sequence.logSumExp()), logSumExp);

        Tensor dQuery = bench.undefined(tokens, heads * headSize, Placing.VIEW);
        Tensor dKey = bench.undefined(tokens, KEY_HEADS * headSize, Placing.VIEW);
        Tensor dValue = bench.undefined(tokens, KEY_HEADS * headSize, Placing.VIEW);
        attention.backward(
                sequence, new FusedAttention.Gradients(bench.device(gradient, Placing.VIEW), dQuery, dKey, dValue));
        Tolerance.FLOAT32_SUMS.check(what + " dQ", bench.read(dQuery), byQuery);
        Tolerance.FLOAT32_SUMS.check(what + " dK", bench.read(dKey), byKey);
        Tolerance.FLOAT32_SUMS.check(what + " dV", bench.read(dValue), byValue);

        attention.backward(
                sequence,
                new FusedAttention.Gradients(
                        bench.device(gradient, Placing.VIEW), sequence.query(), sequence.key(), sequence.value()));
        assertThat(bench.read(sequence.query())).as(what + " dQ in place").isDeepEqualTo(bench.read(dQuery));
        assertThat(bench.read(sequence.key())).as(what + " dK in place").isDeepEqualTo(bench.read(dKey));
        assertThat(bench.read(sequence.value())).as(what + " dV in place").isDeepEqualTo(bench.read(dValue));
    }

    private static double[][] head(double[][] all, int head, int headSize) {
        return Arrays.stream(all)
                .map(row -> Arrays.copyOfRange(row, head * headSize, (head + 1) * headSize))
                .toArray(double[][]::new);
    }

    private static void add(double[][] part, double[][] all, int head, int headSize) {
        for (int row = 0; row < part.length; row++) {
            for (int column = 0; column < headSize; column++) {
                all[row][head * headSize + column] += part[row][column];
            }
        }
    }
}
