package io.longstrand.conformance;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/** Attention over whole causal sequences, where a backend has it, against float64. */
final class FusedAttentionCases {
    private static final int GROUP = 2;
    private static final int KEY_HEADS = 2;
    /** Where large shapes are tried: the reference takes a second for it. */
    private static final int LARGE_TOKENS = 1024;

    private static final int LARGE_HEAD = 64;

    /** What rounding probabilities and their gradients to bfloat16 on the way costs, as a share of the tensor's scale. */
    private static final Tolerance BFLOAT16 = new Tolerance(0x1p-6);
    /** The same for gradients: those of the first keys are sums over all queries, several times the tensor's scale. */
    private static final Tolerance BFLOAT16_GRADIENTS = new Tolerance(0x1p-5);

    private FusedAttentionCases() {}

    static List<KernelCase> all() {
        return List.of(new KernelCase(
                "fusedAttention",
                "of whole sequences equals float64 forward and backward, also in place",
                FusedAttentionCases::wholeSequences));
    }

    private static void wholeSequences(Workbench bench) {
        bench.kernels().fusedAttention().ifPresent(attention -> {
            for (DataType type : List.of(DataType.FLOAT32, DataType.BFLOAT16)) {
                if (!bench.large().isEmpty() && attention.supports(type, LARGE_HEAD)) {
                    check(bench, attention, new Stored(Placing.VIEW, type), LARGE_TOKENS, LARGE_HEAD);
                    bench.clear();
                }
            }
            for (Stored stored : Stored.ways()) {
                for (int tokens : new int[] {2, 70, 257}) {
                    for (int headSize : new int[] {6, 32, 64}) {
                        if (stored.placing() == Placing.VIEW && attention.supports(stored.type(), headSize)) {
                            check(bench, attention, stored, tokens, headSize);
                            bench.clear();
                        }
                    }
                }
            }
        });
    }

    private static void check(Workbench bench, FusedAttention attention, Stored stored, int tokens, int headSize) {
        boolean narrow = stored.type() == DataType.BFLOAT16;
        Tolerance tolerance = narrow ? stored.tolerance(BFLOAT16) : Tolerance.FLOAT32_SUMS;
        Tolerance ofGradients = narrow ? stored.tolerance(BFLOAT16_GRADIENTS) : Tolerance.FLOAT32_SUMS;
        int heads = GROUP * KEY_HEADS;
        double[][] q = stored.rounded(bench.random().normal(tokens, heads * headSize));
        double[][] k = stored.rounded(bench.random().normal(tokens, KEY_HEADS * headSize));
        double[][] v = stored.rounded(bench.random().normal(tokens, KEY_HEADS * headSize));
        double[][] gradient = stored.rounded(bench.random().normal(tokens, heads * headSize));
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
                bench.device(q, stored),
                bench.device(k, stored),
                bench.device(v, stored),
                bench.undefined(tokens, heads * headSize, stored),
                bench.undefined(heads, tokens, Placing.VIEW),
                headSize,
                scale);
        attention.forward(sequence);
        String what = tokens + " tokens, head size " + headSize + " " + stored.type();
        bench.check(tolerance, what + " out", bench.read(sequence.out()), out);
        bench.check(tolerance, what + " log-sum-exp", bench.read(sequence.logSumExp()), logSumExp);

        Tensor dQuery = bench.undefined(tokens, heads * headSize, stored);
        Tensor dKey = bench.undefined(tokens, KEY_HEADS * headSize, stored);
        Tensor dValue = bench.undefined(tokens, KEY_HEADS * headSize, stored);
        attention.backward(
                sequence, new FusedAttention.Gradients(bench.device(gradient, stored), dQuery, dKey, dValue));
        bench.check(ofGradients, what + " dQ", bench.read(dQuery), byQuery);
        bench.check(ofGradients, what + " dK", bench.read(dKey), byKey);
        bench.check(ofGradients, what + " dV", bench.read(dValue), byValue);

        attention.backward(
                sequence,
                new FusedAttention.Gradients(
                        bench.device(gradient, stored), sequence.query(), sequence.key(), sequence.value()));
        bench.check(ofGradients, what + " dQ in place", bench.read(sequence.query()), byQuery);
        bench.check(ofGradients, what + " dK in place", bench.read(sequence.key()), byKey);
        bench.check(ofGradients, what + " dV in place", bench.read(sequence.value()), byValue);
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
