package io.longstrand.checkpoint;

import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.Tensor;
import io.longstrand.zero.Moments;
import java.util.ArrayList;
import java.util.List;

/** The logical tensors of a model's state. */
public final class StateTensors {
    private final ParameterLayout layout;

    /** @param layout of the model */
    public StateTensors(ParameterLayout layout) {
        this.layout = layout;
    }

    /** The parameters, under their own names. @param flat (1, elements of the layout): masters, or what infers */
    public List<StateTensor> parameters(Tensor flat) {
        return named("", flat);
    }

    /** Both moments, under {@code first-moment.NAME} and {@code second-moment.NAME}. */
    public List<StateTensor> optimizer(Moments moments) {
        List<StateTensor> tensors = new ArrayList<>(named("first-moment.", moments.first()));
        tensors.addAll(named("second-moment.", moments.second()));
        return tensors;
    }

    private List<StateTensor> named(String prefix, Tensor flat) {
        List<StateTensor> tensors = new ArrayList<>();
        for (Parameter parameter : layout.parameters()) {
            List<Long> shape = parameter.rows() == 1
                    ? List.of(parameter.columns())
                    : List.of(parameter.rows(), parameter.columns());
            Tensor values = flat.columns(parameter.offset(), parameter.offset() + parameter.elements());
            tensors.add(new StateTensor(prefix + parameter.name(), shape, 0, values));
        }
        return tensors;
    }
}
