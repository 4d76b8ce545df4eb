package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Tensor;
import org.bytedeco.pytorch.IValue;

/** One AdamW step by libtorch's fused kernel, {@code aten::_fused_adamw_}. */
final class FusedAdamW {
    private final Views views;
    private final Blocks blocks;
    private final Operator operator = new Operator("aten::_fused_adamw_");

    FusedAdamW(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void step(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        Views.requireDevice(parameter, gradient, firstMoment, secondMoment);
        blocks.elements(parameter, block -> {
            // The kernel has a scale of its own, but would write the scaled gradient back.
            TorchArray scaled = views.vector(block.of(gradient)).times(step.gradientScale());
            operator.call(
                    Operator.list(views.vector(block.of(parameter))),
                    Operator.list(scaled),
                    Operator.list(views.vector(block.of(firstMoment))),
                    Operator.list(views.vector(block.of(secondMoment))),
                    Operator.list(), // maxima, of AMSGrad alone
                    Operator.list(views.number(step.step())),
                    new IValue((double) step.learningRate()),
                    new IValue((double) step.beta1()),
                    new IValue((double) step.beta2()),
                    new IValue((double) step.weightDecay()),
                    new IValue((double) step.epsilon()),
                    new IValue(false), // AMSGrad
                    new IValue(false), // maximise
                    Operator.none(),
                    Operator.none());
        });
    }
}
