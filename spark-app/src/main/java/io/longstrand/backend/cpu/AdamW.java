package io.longstrand.backend.cpu;

import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Tensor;
import jdk.incubator.vector.FloatVector;

/** AdamW with decoupled decay (Loshchilov and Hutter 2019, algorithm 2) over flat slices. */
final class AdamW {
    private final LanePool lanes;

    AdamW(LanePool lanes) {
        this.lanes = lanes;
    }

    void step(AdamWStep step, Tensor parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {
        Pieces pieces = new Pieces(parameter, gradient, firstMoment, secondMoment);
        Rows parameters = Rows.floats(parameter, "parameter");
        Rows gradients = Rows.floats(gradient, "gradient");
        Rows firsts = Rows.floats(firstMoment, "firstMoment");
        Rows seconds = Rows.floats(secondMoment, "secondMoment");
        // 1 − β^t loses everything to cancellation in float32 at β₂ = 0.999, t = 1.
        float size = (float) (step.learningRate() / (1 - Math.pow(step.beta1(), step.step())));
        float rootCorrection = (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.step())));
        float keep = 1f - step.learningRate() * step.weightDecay();
        lanes.ranges(pieces.count(), pieces.grain(), (first, end, lane) -> {
            for (long i = first; i < end; i++) {
                long row = pieces.row(i);
                long column = pieces.column(i);
                updateLoop(
                        step,
                        size,
                        rootCorrection,
                        keep,
                        parameters.address(row, column),
                        gradients.address(row, column),
                        firsts.address(row, column),
                        seconds.address(row, column),
                        pieces.length(i));
            }
        });
    }

    private static void updateLoop(
            AdamWStep step,
            float size,
            float rootCorrection,
            float keep,
            long parameter,
            long gradient,
            long first,
            long second,
            int length) {
        float beta1 = step.beta1();
        float beta2 = step.beta2();
        float rest1 = 1f - beta1;
        float rest2 = 1f - beta2;
        float epsilon = step.epsilon();
        float scale = step.gradientScale();
        FloatVector vBeta1 = Floats.all(beta1);
        FloatVector vBeta2 = Floats.all(beta2);
        FloatVector vRest1 = Floats.all(rest1);
        FloatVector vRest2 = Floats.all(rest2);
        FloatVector vEpsilon = Floats.all(epsilon);
        FloatVector vScale = Floats.all(scale);
        FloatVector vSize = Floats.all(size);
        FloatVector vCorrection = Floats.all(rootCorrection);
        FloatVector vKeep = Floats.all(keep);
        int whole = Floats.whole(length) * Float.BYTES;
        for (int i = 0; i < whole; i += Floats.BYTES) {
            FloatVector g = Floats.load(gradient + i).mul(vScale);
            FloatVector m = Floats.load(first + i).mul(vBeta1).add(g.mul(vRest1));
            FloatVector v = Floats.load(second + i).mul(vBeta2).add(g.mul(g).mul(vRest2));
            Floats.store(m, first + i);
            Floats.store(v, second + i);
            FloatVector change = m.mul(vSize).div(v.sqrt().mul(vCorrection).add(vEpsilon));
            Floats.store(Floats.load(parameter + i).mul(vKeep).sub(change), parameter + i);
        }
        for (int i = whole; i < length * Float.BYTES; i += Float.BYTES) {
            float g = Native.getFloat(gradient + i) * scale;
            float m = Native.getFloat(first + i) * beta1 + g * rest1;
            float v = Native.getFloat(second + i) * beta2 + g * g * rest2;
            Native.putFloat(first + i, m);
            Native.putFloat(second + i, v);
            float change = m * size / ((float) Math.sqrt(v) * rootCorrection + epsilon);
            Native.putFloat(parameter + i, Native.getFloat(parameter + i) * keep - change);
        }
    }
}
