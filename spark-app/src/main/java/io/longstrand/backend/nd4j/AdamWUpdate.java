package io.longstrand.backend.nd4j;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** One AdamW step over a flat slice, in place. */
final class AdamWUpdate {
    private final Views views;
    private final Blocks blocks;

    AdamWUpdate(Views views, Blocks blocks) {
        this.views = views;
        this.blocks = blocks;
    }

    void apply(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        views.requireDevice(parameter, gradient, firstMoment, secondMoment);
        double firstCorrection = 1 - Math.pow(step.beta1(), (double) step.step());
        double secondCorrection = 1 - Math.pow(step.beta2(), (double) step.step());
        blocks.elements(parameter, block -> {
            INDArray g = views.of(block.of(gradient)).mul(step.gradientScale());
            INDArray m = views.of(block.of(firstMoment));
            INDArray v = views.of(block.of(secondMoment));
            INDArray p = views.of(block.of(parameter));
            m.muli(step.beta1()).addi(g.mul(1.0 - step.beta1()));
            v.muli(step.beta2()).addi(g.mul(g).muli(1.0 - step.beta2()));
            INDArray root = Transforms.sqrt(v.div(secondCorrection), false).addi(step.epsilon());
            INDArray update = m.div(firstCorrection).divi(root).muli(step.learningRate());
            p.muli(1.0 - (double) step.learningRate() * step.weightDecay()).subi(update);
        });
    }
}
