package io.longstrand.model;

import io.longstrand.mesh.Axis;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where every parameter of a model lies in one flat space of elements, as far as a rank holds it. The space is divided
 * into units, which are used, released, gathered and reduced as a whole: unit 0 holds the embeddings, unit 1 … layers the
 * blocks, the last one the final norm and an untied output matrix. Within a unit parameters that are split over more axes
 * come first, so that those shared by the same ranks are adjacent. Parameters start at multiples of 32 elements, a cache
 * line in BFLOAT16; the gaps are zero.
 */
public final class ParameterLayout {
    private static final int ALIGNMENT = 32;
    private static final String OUTPUT = "head.output.weight";

    private final ModelShare share;
    private final Set<Axis> split;
    private final List<Parameter> parameters = new ArrayList<>();
    private final List<Parameter> ofUnit = new ArrayList<>();
    private final Map<String, Parameter> byName = new LinkedHashMap<>();
    private final long[] unitStart;
    private long end;

    /** Lays out the parameters of a whole model. */
    public ParameterLayout(ModelShape shape) {
        this(ModelShare.whole(shape));
    }

    /** Lays out what a rank holds of the parameters of a model. */
    public ParameterLayout(ModelShare share) {
        this.share = share;
        split = share.parts() == 1 ? Set.of() : Set.of(Axis.TENSOR);
        ModelShape shape = share.shape();
        unitStart = new long[shape.layers() + 3];
        embedding(shape);
        place(0);
        for (int layer = 0; layer < shape.layers(); layer++) {
            block(shape, layer);
            place(layer + 1);
        }
        head(shape);
        place(shape.layers() + 1);
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

    /** Whether the token embedding is the output matrix too. */
    public boolean isTied() {
        return !has(OUTPUT);
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
        add("embedding.token.weight", 0, vocabularyRows(shape), split, true, normal);
        if (shape.position() == ModelShape.PositionKind.LEARNED) {
            MatrixShare rows =
                    new MatrixShare(shape.positions(), shape.hidden(), share.positions(), all(shape.hidden()));
            add("embedding.position.weight", 0, rows, share.positionsOver(), true, normal);
        }
    }

    private void block(ModelShape shape, int layer) {
        String prefix = "block." + layer + ".";
        int unit = layer + 1;
        Parameter.Initial normal = new Parameter.Initial.Normal(0.02);
        // Residual branches start smaller so the stream's variance does not grow with depth (GPT-2).
        Parameter.Initial residual = new Parameter.Initial.Normal(0.02 / Math.sqrt(2.0 * shape.layers()));
        norm(prefix + "attention.norm", unit, shape);
        columnSplit(
                prefix + "attention.query-key-value",
                unit,
                shape.hidden(),
                shape.queryKeyValueColumns(),
                queryKeyValue(shape),
                normal);
        rowSplit(prefix + "attention.output", unit, shape.hidden(), shape.hidden(), residual);
        norm(prefix + "mlp.norm", unit, shape);
        List<Span> wide = List.of(part(0, shape.feedForward()));
        if (shape.activation() == ModelShape.MlpActivation.SWIGLU) {
            columnSplit(prefix + "mlp.gate", unit, shape.hidden(), shape.feedForward(), wide, normal);
        }
        columnSplit(prefix + "mlp.up", unit, shape.hidden(), shape.feedForward(), wide, normal);
        rowSplit(prefix + "mlp.down", unit, shape.feedForward(), shape.hidden(), residual);
    }

    private void head(ModelShape shape) {
        int unit = shape.layers() + 1;
        norm("head.norm", unit, shape);
        if (!shape.tied()) {
            // (vocabulary, hidden), the shape of the tied matrix, so both kinds share one product.
            Parameter.Initial normal = new Parameter.Initial.Normal(0.02);
            add(OUTPUT, unit, vocabularyRows(shape), split, true, normal);
        }
    }

    private void norm(String name, int unit, ModelShape shape) {
        replicated(name + ".gain", unit, shape.hidden(), 1);
        if (shape.norm() == ModelShape.Norm.LAYER) {
            replicated(name + ".bias", unit, shape.hidden(), 0);
        }
    }

    /** Each rank forms some columns of the product. */
    private void columnSplit(String name, int unit, long in, long out, List<Span> columns, Parameter.Initial initial) {
        add(name + ".weight", unit, new MatrixShare(in, out, all(in), columns), split, true, initial);
        MatrixShare bias = new MatrixShare(1, out, all(1), columns);
        add(name + ".bias", unit, bias, split, false, new Parameter.Initial.Constant(0));
    }

    /** Each rank forms a part of the sums, to which the bias is added once. */
    private void rowSplit(String name, int unit, long in, long out, Parameter.Initial initial) {
        add(name + ".weight", unit, new MatrixShare(in, out, List.of(part(0, in)), all(out)), split, true, initial);
        replicated(name + ".bias", unit, out, 0);
    }

    private void replicated(String name, int unit, long columns, float value) {
        add(name, unit, MatrixShare.whole(1, columns), Set.of(), false, new Parameter.Initial.Constant(value));
    }

    /** Columns of this rank's queries, keys and values. */
    private List<Span> queryKeyValue(ModelShape shape) {
        long hidden = shape.hidden();
        long width = (shape.queryKeyValueColumns() - hidden) / 2;
        return List.of(part(0, hidden), part(hidden, width), part(hidden + width, width));
    }

    private MatrixShare vocabularyRows(ModelShape shape) {
        return new MatrixShare(shape.vocabulary(), shape.hidden(), List.of(share.vocabulary()), all(shape.hidden()));
    }

    /** This rank's part of so many rows or columns from {@code start} on. */
    private Span part(long start, long count) {
        long width = count / share.parts();
        return new Span(start + share.part() * width, start + (share.part() + 1) * width);
    }

    private static List<Span> all(long count) {
        return List.of(new Span(0, count));
    }

    private void add(
            String name, int unit, MatrixShare held, Set<Axis> splitOver, boolean decays, Parameter.Initial initial) {
        ofUnit.add(new Parameter(name, unit, held, splitOver, 0, decays, initial));
    }

    /** Gives the parameters of a unit their places. */
    private void place(int unit) {
        unitStart[unit] = end;
        ofUnit.sort(Comparator.comparing(parameter -> -parameter.splitOver().size()));
        for (Parameter added : ofUnit) {
            Parameter parameter = new Parameter(
                    added.name(), unit, added.share(), added.splitOver(), end, added.decays(), added.initial());
            parameters.add(parameter);
            byName.put(parameter.name(), parameter);
            end += (parameter.elements() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        }
        ofUnit.clear();
        unitStart[unit + 1] = end;
    }
}
