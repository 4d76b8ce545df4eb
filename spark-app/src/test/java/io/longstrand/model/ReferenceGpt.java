package io.longstrand.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The GPT in float64, written from its architecture alone: token embedding (and learned positions), pre-norm blocks of
 * attention and MLP on a residual stream, final norm, logits by the tied or an own output matrix. Every number of the
 * real model is compared with this one's.
 */
final class ReferenceGpt {
    /** Added to the variance, or the mean square, inside the norms. */
    static final double NORM_EPSILON = 1e-5;

    private final ModelShape shape;
    private final Map<String, double[]> parameters;

    /**
     * What one pass yields.
     *
     * @param logits (tokens, vocabulary)
     * @param losses −ln softmax(logits)[label] per token, unweighted; 0 where there is no label
     * @param loss Σ weights · losses
     * @param gradients of {@code loss}, a sum that is not divided, by parameter name
     */
    record Result(double[][] logits, double[] losses, double loss, Map<String, double[]> gradients) {}

    /**
     * A model over parameters that are read at every {@link #run}.
     *
     * @param parameters by the names of {@link ParameterLayout}, row after row
     */
    ReferenceGpt(ModelShape shape, Map<String, double[]> parameters) {
        this.shape = shape;
        this.parameters = parameters;
    }

    /**
     * Forward and backward over sequences of equal length that lie one after the other.
     *
     * @param tokens of all sequences
     * @param labels next tokens; −1 where there is none
     * @param weights of the labels in the loss
     * @param documentStart first token each token sees, counted from the start of its sequence: all 0 is plain causal
     * @param sequences how many
     */
    Result run(int[] tokens, int[] labels, double[] weights, int[] documentStart, int sequences) {
        int length = tokens.length / sequences;
        int[] positions = new int[tokens.length];
        int[] firstVisible = new int[tokens.length];
        for (int token = 0; token < tokens.length; token++) {
            positions[token] = token % length; // of the window, not of the document
            firstVisible[token] = token - positions[token] + documentStart[token];
        }
        Map<String, Matrix> matrices = matrices();
        Tape tape = new Tape();
        Matrix logits = forward(tape, matrices, tokens, positions, firstVisible);

        double[] losses = new double[tokens.length];
        double loss = 0;
        for (int token = 0; token < tokens.length; token++) {
            if (labels[token] >= 0) {
                losses[token] = crossEntropy(logits, token, labels[token], weights[token]);
                loss += weights[token] * losses[token];
            }
        }
        tape.backward();

        Map<String, double[]> gradients = new LinkedHashMap<>();
        matrices.forEach((name, matrix) -> gradients.put(name, matrix.gradient()));
        double[][] rows = new double[tokens.length][shape.vocabulary()];
        for (int token = 0; token < tokens.length; token++) {
            System.arraycopy(logits.values(), token * shape.vocabulary(), rows[token], 0, shape.vocabulary());
        }
        return new Result(rows, losses, loss, gradients);
    }

    private Matrix forward(Tape tape, Map<String, Matrix> weights, int[] tokens, int[] positions, int[] firstVisible) {
        Matrix stream = tape.lookUp(weights.get("embedding.token.weight"), tokens); // (tokens, hidden)
        if (shape.position() == ModelShape.PositionKind.LEARNED) {
            stream = tape.add(stream, tape.lookUp(weights.get("embedding.position.weight"), positions));
        }
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "block." + layer + ".";
            Matrix normed = norm(tape, weights, block + "attention.norm", stream);
            stream = tape.add(stream, attention(tape, weights, block + "attention.", normed, positions, firstVisible));
            stream = tape.add(stream, mlp(tape, weights, block, norm(tape, weights, block + "mlp.norm", stream)));
        }
        String output = shape.tied() ? "embedding.token.weight" : "head.output.weight";
        return tape.logits(norm(tape, weights, "head.norm", stream), weights.get(output));
    }

    private Matrix attention(
            Tape tape, Map<String, Matrix> weights, String prefix, Matrix in, int[] positions, int[] firstVisible) {
        Matrix fused = linear(tape, weights, prefix + "query-key-value", in);
        if (shape.position() == ModelShape.PositionKind.ROTARY) {
            int turned = shape.heads() + shape.keyValueHeads(); // queries and keys, not values
            fused = tape.rotary(fused, turned, shape.headSize(), positions, shape.rotaryBase());
        }
        Matrix heads = tape.attention(fused, shape.heads(), shape.keyValueHeads(), shape.headSize(), firstVisible);
        return linear(tape, weights, prefix + "output", heads);
    }

    private Matrix mlp(Tape tape, Map<String, Matrix> weights, String block, Matrix in) {
        Matrix up = linear(tape, weights, block + "mlp.up", in); // (tokens, feedForward)
        Matrix inner =
                switch (shape.activation()) {
                    case GELU -> tape.apply(up, ReferenceGpt::gelu, ReferenceGpt::geluSlope);
                    case SWIGLU -> {
                        Matrix gate = linear(tape, weights, block + "mlp.gate", in);
                        yield tape.times(tape.apply(gate, ReferenceGpt::silu, ReferenceGpt::siluSlope), up);
                    }
                };
        return linear(tape, weights, block + "mlp.down", inner);
    }

    private Matrix norm(Tape tape, Map<String, Matrix> weights, String name, Matrix in) {
        Matrix gain = weights.get(name + ".gain");
        return switch (shape.norm()) {
            case LAYER -> tape.layerNorm(in, gain, weights.get(name + ".bias"), NORM_EPSILON);
            case RMS -> tape.rmsNorm(in, gain, NORM_EPSILON);
        };
    }

    private static Matrix linear(Tape tape, Map<String, Matrix> weights, String name, Matrix in) {
        return tape.linear(in, weights.get(name + ".weight"), weights.get(name + ".bias"));
    }

    /** The loss of one token; leaves its weighted gradient at the logits. */
    private static double crossEntropy(Matrix logits, int token, int label, double weight) {
        double largest = Double.NEGATIVE_INFINITY;
        for (int other = 0; other < logits.columns(); other++) {
            largest = Math.max(largest, logits.at(token, other));
        }
        double sum = 0;
        for (int other = 0; other < logits.columns(); other++) {
            sum += Math.exp(logits.at(token, other) - largest);
        }
        for (int other = 0; other < logits.columns(); other++) {
            double probability = Math.exp(logits.at(token, other) - largest) / sum;
            logits.addGradient(token, other, weight * (probability - (other == label ? 1 : 0)));
        }
        return largest + Math.log(sum) - logits.at(token, label);
    }

    private Map<String, Matrix> matrices() {
        Map<String, Matrix> matrices = new LinkedHashMap<>();
        for (Parameter parameter : new ParameterLayout(shape).parameters()) {
            double[] values = parameters.get(parameter.name());
            matrices.put(parameter.name(), Matrix.of((int) parameter.rows(), (int) parameter.columns(), values));
        }
        return matrices;
    }

    private static double gelu(double x) {
        return x / 2 * (1 + Math.tanh(geluInner(x)));
    }

    private static double geluSlope(double x) {
        double tanh = Math.tanh(geluInner(x));
        return (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * Math.sqrt(2 / Math.PI) * (1 + 0.134145 * x * x);
    }

    private static double geluInner(double x) {
        return Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3));
    }

    private static double silu(double x) {
        return x / (1 + Math.exp(-x));
    }

    private static double siluSlope(double x) {
        double sigmoid = 1 / (1 + Math.exp(-x));
        return sigmoid * (1 + x * (1 - sigmoid));
    }
}
