package io.longstrand.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where every parameter of a model lies in one flat space of elements. The space is divided into units, which are
 * used, released, gathered and reduced as a whole: unit 0 holds the embeddings, unit 1 … layers the blocks, the last
 * one the final norm and an untied output matrix. Parameters start at multiples of 32 elements, a cache line in
 * BFLOAT16; the gaps are zero.
 */
public final class ParameterLayout {
    private static final int ALIGNMENT = 32;

    private final List<Parameter> parameters = new ArrayList<>();
    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private final long[] unitStart;
    private long end;

    /** Lays out the parameters of a model. */
    public ParameterLayout(ModelShape shape) {
        unitStart = new long[shape.layers() + 3];
        embedding(shape);
        for (int layer = 0; layer < shape.layers(); layer++) {
            unitStart[layer + 1] = end;
            block(shape, layer);
        }
        unitStart[shape.layers() + 1] = end;
        head(shape);
        unitStart[shape.layers() + 2] = end;
    }

    /** All parameters, in flat order. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }

    /** The parameter of that name. */
    public Parameter named(String name) {
        Parameter parameter = byName.get(name);
        if (parameter == null) {
            throw new IllegalArgumentException("no parameter is named " + name);
        }
        return parameter;
    }

    /** Whether the model has a parameter of that name. */
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /** Number of units: layers + 2. */
    public int units() {
        return unitStart.length - 1;
    }

    /** First element of a unit in the flat space. */
    public long unitStart(int unit) {
        return unitStart[unit];
    }

    /** Elements of a unit, gaps included. */
    public long unitElements(int unit) {
        return unitStart[unit + 1] - unitStart[unit];
    }

    /** Elements of the flat space, gaps included. */
    public long elements() {
        return end;
    }

    /** Learned elements, gaps excluded: the Ψ of the formulas. */
    public long learned() {
        return parameters.stream().mapToLong(Parameter::elements).sum();
    }

    private void embedding(ModelShape shape) {
        Parameter.Initial normal = new Parameter.Initial.Normal(0.02);
        add("embedding.token.weight", 0, shape.vocabulary(), shape.hidden(), true, normal);
        if (shape.position() == ModelShape.PositionKind.LEARNED) {
            add("embedding.position.weight", 0, shape.positions(), shape.hidden(), true, normal);
        }
    }

    private void block(ModelShape shape, int layer) {
        String prefix = "block." + layer + ".";
        int unit = layer + 1;
        Parameter.Initial normal = new Parameter.Initial.Normal(0.02);
        // Residual branches start smaller so the stream's variance does not grow with depth (GPT-2).
        Parameter.Initial residual = new Parameter.Initial.Normal(0.02 / Math.sqrt(2.0 * shape.layers()));
        norm(prefix + "attention.norm", unit, shape);
        linear(prefix + "attention.query-key-value", unit, shape.hidden(), shape.queryKeyValueColumns(), normal);
        linear(prefix + "attention.output", unit, shape.hidden(), shape.hidden(), residual);
        norm(prefix + "mlp.norm", unit, shape);
        if (shape.activation() == ModelShape.MlpActivation.SWIGLU) {
            linear(prefix + "mlp.gate", unit, shape.hidden(), shape.feedForward(), normal);
        }
        linear(prefix + "mlp.up", unit, shape.hidden(), shape.feedForward(), normal);
        linear(prefix + "mlp.down", unit, shape.feedForward(), shape.hidden(), residual);
    }

    private void head(ModelShape shape) {
        int unit = shape.layers() + 1;
        norm("head.norm", unit, shape);
        if (!shape.tied()) {
            // (vocabulary, hidden), the shape of the tied matrix, so both kinds share one product.
            add(
                    "head.output.weight",
                    unit,
                    shape.vocabulary(),
                    shape.hidden(),
                    true,
                    new Parameter.Initial.Normal(0.02));
        }
    }

    private void norm(String name, int unit, ModelShape shape) {
        add(name + ".gain", unit, 1, shape.hidden(), false, new Parameter.Initial.Constant(1));
        if (shape.norm() == ModelShape.Norm.LAYER) {
            add(name + ".bias", unit, 1, shape.hidden(), false, new Parameter.Initial.Constant(0));
        }
    }

    private void linear(String name, int unit, long in, long out, Parameter.Initial initial) {
        add(name + ".weight", unit, in, out, true, initial);
        add(name + ".bias", unit, 1, out, false, new Parameter.Initial.Constant(0));
    }

    private void add(String name, int unit, long rows, long columns, boolean decays, Parameter.Initial initial) {
        Parameter parameter = new Parameter(name, unit, rows, columns, end, decays, initial);
        parameters.add(parameter);
        byName.put(name, parameter);
        end += (parameter.elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
