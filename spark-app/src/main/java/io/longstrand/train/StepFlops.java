package io.longstrand.train;

import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;

/**
 * Floating-point operations of a training step. Model operations are {@code 6·T·P + 12·L·h·pairs}: every product's
 * forward and two backward products; embedding look-ups are left out, the output product is counted. Hardware
 * operations count the scores that flash attention computes again: {@code 6·T·P + 14·L·h·pairs}.
 */
final class StepFlops {
    private final long productParameters;
    private final long attentionWidth;

    StepFlops(ModelShape shape) {
        productParameters = new ParameterLayout(shape)
                .parameters().stream()
                        .filter(parameter -> parameter.decays() && isMultiplied(parameter, shape))
                        .mapToLong(Parameter::elements)
                        .sum();
        attentionWidth = (long) shape.layers() * shape.hidden();
    }

    /** The token embedding takes part in a product only where it is the output matrix too; positions never do. */
    private static boolean isMultiplied(Parameter parameter, ModelShape shape) {
        return parameter.unit() > 0 || shape.tied() && parameter.name().equals("embedding.token.weight");
    }

    /**
     * Model operations.
     *
     * @param tokens of the step
     * @param pairs visible query–key pairs of one head, over the step
     */
    double model(long tokens, long pairs) {
        return 6.0 * tokens * productParameters + 12.0 * attentionWidth * pairs;
    }

    /** Hardware operations. */
    double hardware(long tokens, long pairs) {
        return 6.0 * tokens * productParameters + 14.0 * attentionWidth * pairs;
    }
}
