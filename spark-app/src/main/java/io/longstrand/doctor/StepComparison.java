package io.longstrand.doctor;

import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.train.RandomTokens;
import io.longstrand.train.StepModel;
import java.util.List;

/** A training step of a small model, on a device and on the CPU, from the same parameters and tokens. */
final class StepComparison {
    /** What a step is compared with. */
    static final String PEER = "cpu";

    private static final int SEQUENCES = 2;
    private static final int LENGTH = 512;
    private static final int VOCABULARY = 70;
    /** Gradients that are 0 but for rounding, as of keys' biases, are judged by a thousandth of the whole. */
    private static final double LEAST_SHARE = 1e-3;

    private final String backend;
    private final BackendProvider.Options options;

    /** @param backend that computes on the device, with these options */
    StepComparison(String backend, BackendProvider.Options options) {
        this.backend = backend;
        this.options = options;
    }

    /** In float32: sums differ in their order. */
    StepVerdict float32() {
        return compare("fp32", 1e-5, 1e-4);
    }

    /** In bfloat16 many roundings differ by one place, and attention may be fused on one side. */
    StepVerdict bfloat16() {
        return compare("bf16", 2e-3, 5e-2);
    }

    private StepVerdict compare(String precision, double lossTolerance, double gradientTolerance) {
        List<String> settings = List.of(
                "model.layers=2",
                "model.hidden=256",
                "model.heads=4",
                "data.sequence-length=" + LENGTH,
                "train.micro-batch=" + SEQUENCES,
                "train.precision=" + precision);
        RandomTokens tokens = RandomTokens.of(SEQUENCES, LENGTH, VOCABULARY);
        try (StepModel device = new StepModel(backend, options, settings, tokens);
                StepModel cpu = new StepModel(PEER, new BackendProvider.Options(options.threads()), settings, tokens)) {
            double loss = device.step();
            double expected = cpu.step();
            Worst worst = worst(device, cpu);
            return new StepVerdict(
                    precision,
                    loss,
                    Math.abs(loss - expected) / expected,
                    worst.deviation(),
                    worst.parameter(),
                    lossTolerance,
                    gradientTolerance,
                    device.seconds());
        }
    }

    private record Worst(String parameter, double deviation) {}

    private static Worst worst(StepModel device, StepModel cpu) {
        List<Parameter> parameters = new ParameterLayout(cpu.shape()).parameters();
        double whole = 0;
        for (Parameter parameter : parameters) {
            whole += squares(cpu.gradient(parameter));
        }
        Worst worst = new Worst("", 0);
        for (Parameter parameter : parameters) {
            float[] expected = cpu.gradient(parameter);
            double scale = Math.max(Math.sqrt(squares(expected)), LEAST_SHARE * Math.sqrt(whole));
            double deviation = Math.sqrt(squaredDistance(device.gradient(parameter), expected)) / scale;
            // A number that is none is the worst there is.
            if (Double.compare(deviation, worst.deviation()) > 0) {
                worst = new Worst(parameter.name(), deviation);
            }
        }
        return worst;
    }

    private static double squares(float[] values) {
        return squaredDistance(values, new float[values.length]);
    }

    private static double squaredDistance(float[] left, float[] right) {
        double sum = 0;
        for (int i = 0; i < left.length; i++) {
            double difference = (double) left[i] - right[i];
            sum += difference * difference;
        }
        return sum;
    }
}
