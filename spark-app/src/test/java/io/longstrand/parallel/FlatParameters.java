package io.longstrand.parallel;

import io.longstrand.model.Gradients;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.model.Weights;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.Random;

/** One number for every parameter a rank has, always there: weights, or gradients that nobody reduces. */
record FlatParameters(Tensor flat) implements Weights, Gradients {
    @Override
    public void use(int unit) {}

    @Override
    public void release(int unit) {}

    @Override
    public void ready(int unit) {}

    @Override
    public Tensor of(Parameter parameter) {
        return flat.columns(parameter.offset(), parameter.offset() + parameter.elements())
                .reshape(parameter.rows(), parameter.columns());
    }

    /** Writes values that depend on names and logical elements alone, so that every rank has its share of the same. */
    static void draw(ParameterLayout layout, FloatBuffer values) {
        for (Parameter parameter : layout.parameters()) {
            Random random = new Random(parameter.name().hashCode());
            double middle = parameter.name().endsWith(".gain") ? 1 : 0;
            float[] logical = new float[logicalElements(parameter)];
            for (int i = 0; i < logical.length; i++) {
                logical[i] = (float) (middle + 0.2 * random.nextGaussian());
            }
            parameter.share().runs(0, parameter.elements(), (held, whole, count) -> {
                for (long i = 0; i < count; i++) {
                    values.put((int) (parameter.offset() + held + i), logical[(int) (whole + i)]);
                }
            });
        }
    }

    /** Elements of the whole parameter, all ranks' shares of it together. */
    static int logicalElements(Parameter parameter) {
        return Math.toIntExact(parameter.share().wholeRows() * parameter.share().wholeColumns());
    }
}
