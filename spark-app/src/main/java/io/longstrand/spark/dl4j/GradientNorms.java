package io.longstrand.spark.dl4j;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Trainable;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's gradient normalisation where each rank has a slice of the gradients: ranks add up the squares of their parts,
 * and each scales its own part by the norm of the whole.
 */
final class GradientNorms {
    private static final double NO_NORM = 1e-5;

    /** The part of a normalised stretch of gradients that a rank owns; null: none of it. */
    private record Stretch(GradientNormalization kind, double threshold, INDArray own) {}

    private final List<Stretch> byNorm = new ArrayList<>();
    private final List<Stretch> byElement = new ArrayList<>();

    /**
     * For a rank.
     *
     * @param blocks of the network
     * @param from the rank's first parameter
     * @param to one past its last
     * @param gradients (parameters) of the network
     */
    GradientNorms(List<UpdaterBlock> blocks, long from, long to, INDArray gradients) {
        Map<Trainable, int[]> layers = new LinkedHashMap<>();
        for (UpdaterBlock block : blocks) {
            for (UpdaterBlock.ParamState variable : block.getLayersAndVariablesInBlock()) {
                int[] span = {variable.getParamOffsetStart(), variable.getParamOffsetEnd()};
                GradientNormalization kind = kind(variable.getLayer());
                if (kind == GradientNormalization.RenormalizeL2PerParamType
                        || kind == GradientNormalization.ClipL2PerParamType) {
                    add(variable.getLayer(), span, from, to, gradients);
                } else if (kind != GradientNormalization.None) {
                    layers.merge(variable.getLayer(), span, (a, b) -> new int[] {a[0], b[1]});
                }
            }
        }
        layers.forEach((layer, span) -> add(layer, span, from, to, gradients));
    }

    private static GradientNormalization kind(Trainable layer) {
        GradientNormalization kind = layer.getConfig().getGradientNormalization();
        return kind == null ? GradientNormalization.None : kind;
    }

    private void add(Trainable layer, int[] span, long from, long to, INDArray gradients) {
        long first = Math.max(from, span[0]);
        long end = Math.min(to, span[1]);
        INDArray own = first < end ? OwnedBlock.range(gradients, first, end) : null;
        Stretch stretch = new Stretch(kind(layer), layer.getConfig().getGradientNormalizationThreshold(), own);
        if (stretch.kind() != GradientNormalization.ClipElementWiseAbsoluteValue) {
            byNorm.add(stretch);
        } else if (own != null) {
            byElement.add(stretch);
        }
    }

    /** How many norms there are; the same on every rank. */
    int count() {
        return byNorm.size();
    }

    /** The sum of squares of this rank's part of a stretch. */
    double squares(int stretch) {
        INDArray own = byNorm.get(stretch).own();
        if (own == null) {
            return 0;
        }
        double norm = own.norm2Number().doubleValue();
        return norm * norm;
    }

    /** Scales this rank's part of a stretch. @param norm of the whole */
    void scale(int stretch, double norm) {
        Stretch scaled = byNorm.get(stretch);
        if (scaled.own() == null) {
            return;
        }
        switch (scaled.kind()) {
            case RenormalizeL2PerLayer, RenormalizeL2PerParamType ->
                scaled.own().divi(norm == 0 ? NO_NORM : norm);
            case ClipL2PerLayer, ClipL2PerParamType -> {
                if (norm > scaled.threshold()) {
                    scaled.own().muli(scaled.threshold() / norm);
                }
            }
            default -> throw new IllegalStateException(scaled.kind() + " goes by no norm");
        }
    }

    /** Clips what is clipped element by element. */
    void clip() {
        for (Stretch clipped : byElement) {
            org.nd4j.linalg.factory.Nd4j.getExecutioner()
                    .exec(org.nd4j.linalg.api.ops.DynamicCustomOp.builder("clipbyvalue")
                            .addInputs(clipped.own())
                            .callInplace(true)
                            .addFloatingPointArguments(-clipped.threshold(), clipped.threshold())
                            .build());
        }
    }
}
