package io.longstrand.checkpoint;

import io.longstrand.model.MatrixShare;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.Tensor;
import io.longstrand.zero.Moments;
import io.longstrand.zero.StateVector;
import io.longstrand.zero.Stretch;
import java.util.ArrayList;
import java.util.List;

/** The logical tensors of a model's state. */
public final class StateTensors {
    private final ParameterLayout layout;

    /** @param layout of the model */
    public StateTensors(ParameterLayout layout) {
        this.layout = layout;
    }

    /** The parameters, under their own names. @param flat (1, elements of the layout) */
    public List<StateTensor> parameters(Tensor flat) {
        return named("", List.of(new Stretch(0, flat)));
    }

    /** As much of the parameters as a vector holds. */
    public List<StateTensor> parameters(StateVector masters) {
        return named("", masters.stretches());
    }

    /** As much as there is of both moments, under {@code first-moment.NAME} and {@code second-moment.NAME}. */
    public List<StateTensor> optimizer(Moments moments) {
        List<StateTensor> tensors =
                new ArrayList<>(named("first-moment.", moments.first().stretches()));
        tensors.addAll(named("second-moment.", moments.second().stretches()));
        return tensors;
    }

    private List<StateTensor> named(String prefix, List<Stretch> stretches) {
        List<StateTensor> tensors = new ArrayList<>();
        for (Stretch stretch : stretches) {
            for (Parameter parameter : layout.parameters()) {
                long from = Math.max(stretch.start(), parameter.offset());
                long to = Math.min(stretch.end(), parameter.offset() + parameter.elements());
                if (from < to) {
                    tensors.add(new StateTensor(
                            prefix + parameter.name(),
                            shape(parameter),
                            parameter.share(),
                            from - parameter.offset(),
                            stretch.within(from, to).values()));
                }
            }
        }
        return tensors;
    }

    private static List<Long> shape(Parameter parameter) {
        MatrixShare share = parameter.share();
        return share.wholeRows() == 1
                ? List.of(share.wholeColumns())
                : List.of(share.wholeRows(), share.wholeColumns());
    }
}
