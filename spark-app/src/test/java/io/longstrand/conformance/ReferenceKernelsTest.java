package io.longstrand.conformance;

import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The reference's own gradients, held to central differences of its forward functions. */
class ReferenceKernelsTest {
    private static final double STEP = 1e-5;
    private static final Tolerance TOLERANCE = new Tolerance(1e-7);

    private final RandomMatrices random = new RandomMatrices(10);

    /** Central differences of a function of a matrix. */
    private static double[][] differences(double[][] at, ToDoubleFunction<double[][]> function) {
        double[][] gradient = new double[at.length][at[0].length];
        for (int row = 0; row < at.length; row++) {
            for (int column = 0; column < at[row].length; column++) {
                double kept = at[row][column];
                at[row][column] = kept + STEP;
                double above = function.applyAsDouble(at);
                at[row][column] = kept - STEP;
                double below = function.applyAsDouble(at);
                at[row][column] = kept;
                gradient[row][column] = (above - below) / (2 * STEP);
            }
        }
        return gradient;
    }

    private static double product(double[][] left, double[][] right) {
        double sum = 0;
        for (double dot : ReferenceKernels.rowDots(left, right)) {
            sum += dot;
        }
        return sum;
    }

    @Test
    void norms() {
        double[][] x = random.normal(3, 7);
        double[][] d = random.normal(3, 7);
        double[][] gain = random.normal(1, 7);
        double[][] bias = random.normal(1, 7);
        ReferenceKernels.NormGradient layer = ReferenceKernels.layerNormBackward(d, x, gain[0], 1e-3);
        TOLERANCE.check("layer norm in", layer.in(), differences(x, at -> layerNorm(at, gain, bias, d)));
        TOLERANCE.check("gain", new double[][] {layer.gain()}, differences(gain, at -> layerNorm(x, at, bias, d)));
        TOLERANCE.check("bias", new double[][] {layer.bias()}, differences(bias, at -> layerNorm(x, gain, at, d)));
        ReferenceKernels.NormGradient rms = ReferenceKernels.rmsNormBackward(d, x, gain[0], 1e-3);
        TOLERANCE.check("rms norm in", rms.in(), differences(x, at -> rmsNorm(at, gain, d)));
        TOLERANCE.check("rms gain", new double[][] {rms.gain()}, differences(gain, at -> rmsNorm(x, at, d)));
    }

    private static double layerNorm(double[][] x, double[][] gain, double[][] bias, double[][] d) {
        return product(ReferenceKernels.layerNorm(x, gain[0], bias[0], 1e-3).out(), d);
    }

    private static double rmsNorm(double[][] x, double[][] gain, double[][] d) {
        return product(ReferenceKernels.rmsNorm(x, gain[0], 1e-3).out(), d);
    }

    @Test
    void activations() {
        double[][] x = random.normal(4, 9, 3);
        double[][] y = random.normal(4, 9);
        double[][] ones = Matrices.map(x, value -> 1);
        TOLERANCE.check(
                "gelu",
                Matrices.map(x, ReferenceKernels::geluDerivative),
                differences(x, at -> product(Matrices.map(at, ReferenceKernels::gelu), ones)));
        TOLERANCE.check(
                "gate",
                Matrices.map(x, y, ReferenceKernels::swigluByGate),
                differences(x, at -> product(Matrices.map(at, y, ReferenceKernels::swiglu), ones)));
        TOLERANCE.check(
                "up",
                Matrices.map(x, ReferenceKernels::swigluByUp),
                differences(y, at -> product(Matrices.map(x, at, ReferenceKernels::swiglu), ones)));
    }

    @Test
    void rotary_backward_turns_the_gradient_back() {
        double[][] angles = random.normal(5, 3, 2);
        double[][] cosines = Matrices.map(angles, Math::cos);
        double[][] sines = Matrices.map(angles, Math::sin);
        int[] positions = {4, 0, 2};
        double[][] x = random.normal(3, 12);
        double[][] d = random.normal(3, 12);
        TOLERANCE.check(
                "rotary",
                ReferenceKernels.rotary(d, 6, positions, cosines, sines, true),
                differences(x, at -> product(ReferenceKernels.rotary(at, 6, positions, cosines, sines, false), d)));
    }

    @Test
    void cross_entropy() {
        double[][] x = random.normal(4, 6, 2);
        int[] labels = {3, -1, 0, 5};
        double[] weights = {1, 2, -0.5, 3};
        TOLERANCE.check(
                "logits",
                ReferenceKernels.crossEntropy(x, labels, weights).gradient(),
                differences(
                        x,
                        at -> product(
                                new double[][] {
                                    ReferenceKernels.crossEntropy(at, labels, weights)
                                            .losses()
                                },
                                new double[][] {weights})));
    }

    @Test
    void attention() {
        double[][] q = random.normal(5, 4);
        double[][] k = random.normal(6, 4);
        double[][] v = random.normal(6, 4);
        double[][] d = random.normal(5, 4);
        ReferenceAttention attention =
                new ReferenceAttention((query, key) -> key <= query && key >= query / 2 && query != 3, 0.7);
        ReferenceAttention.Backward gradient = attention.backward(q, k, v, d);
        TOLERANCE.check(
                "query",
                gradient.query(),
                differences(q, at -> product(attention.forward(at, k, v).out(), d)));
        TOLERANCE.check(
                "key",
                gradient.key(),
                differences(k, at -> product(attention.forward(q, at, v).out(), d)));
        TOLERANCE.check(
                "value",
                gradient.value(),
                differences(v, at -> product(attention.forward(q, k, at).out(), d)));
    }
}
