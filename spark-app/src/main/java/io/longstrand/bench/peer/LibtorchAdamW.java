package io.longstrand.bench.peer;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** {@code torch.optim.AdamW(fused=True)}: one call of {@code _fused_adamw_} a group, which only the dispatcher reaches. */
final class LibtorchAdamW implements AutoCloseable {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.98;
    private static final double EPSILON = 1e-8;
    private static final double WEIGHT_DECAY = 0.1;

    /**
     * Parameters updated alike.
     *
     * @param parameters with gradients
     * @param first moments
     * @param second moments
     * @param steps counters, as libtorch wants them: a tensor of one number each
     * @param decay weight decay
     */
    record Group(List<Tensor> parameters, List<Tensor> first, List<Tensor> second, List<Tensor> steps, double decay) {
        /** With moments of 0, which stay until {@link LibtorchAdamW#close}. */
        static Group of(List<Tensor> parameters, boolean decays) {
            List<Tensor> first = new ArrayList<>();
            List<Tensor> second = new ArrayList<>();
            List<Tensor> steps = new ArrayList<>();
            for (Tensor parameter : parameters) {
                try (PointerScope scope = new PointerScope()) {
                    first.add(torch.zeros_like(parameter.detach()).retainReference());
                    second.add(torch.zeros_like(parameter.detach()).retainReference());
                    steps.add(torch.zeros(1).view(new long[0]).retainReference());
                }
            }
            return new Group(parameters, first, second, steps, decays ? WEIGHT_DECAY : 0);
        }
    }

    private final OperatorHandle update;
    private final List<Group> groups;

    /** @param groups closed together with this */
    LibtorchAdamW(List<Group> groups) {
        this.groups = groups;
        update = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
        update.retainReference();
    }

    /** Updates every parameter from its gradient. */
    void step(double learningRate) {
        try (PointerScope scope = new PointerScope()) {
            for (Group group : groups) {
                Scalar one = new Scalar(1);
                group.steps().forEach(step -> step.add_(one));
                List<Tensor> gradients =
                        group.parameters().stream().map(Tensor::grad).toList();
                IValueVector arguments = new IValueVector(
                        list(group.parameters()),
                        list(gradients),
                        list(group.first()),
                        list(group.second()),
                        list(List.of()),
                        list(group.steps()),
                        new IValue(learningRate),
                        new IValue(BETA1),
                        new IValue(BETA2),
                        new IValue(group.decay()),
                        new IValue(EPSILON),
                        new IValue(false), // amsgrad
                        new IValue(false), // maximize
                        new IValue(), // grad_scale
                        new IValue()); // found_inf
                update.callBoxed(arguments);
            }
        }
    }

    private static IValue list(List<Tensor> tensors) {
        TensorList list = new TensorList(new TensorVector(tensors.toArray(new Tensor[0])));
        return new IValue(new GenericList((Pointer) list));
    }

    @Override
    public void close() {
        for (Group group : groups) {
            group.first().forEach(Tensor::releaseReference);
            group.second().forEach(Tensor::releaseReference);
            group.steps().forEach(Tensor::releaseReference);
        }
        update.releaseReference();
    }
}
