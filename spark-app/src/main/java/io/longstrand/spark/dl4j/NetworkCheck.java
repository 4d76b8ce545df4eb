package io.longstrand.spark.dl4j;

import io.longstrand.config.UserError;
import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaBelief;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.WeightDecay;

/** Whether slices of a network can be updated apart; asked before training begins. */
final class NetworkCheck {
    /** Exchanged through one window of 2 GiB. */
    private static final long MOST_PARAMETERS = Integer.MAX_VALUE / Float.BYTES;

    /** Those that treat every parameter on its own, with a state of whole vectors. */
    private static final Set<Class<? extends IUpdater>> UPDATERS = Set.of(
            Sgd.class,
            Nesterovs.class,
            Adam.class,
            AdaMax.class,
            AMSGrad.class,
            Nadam.class,
            AdaBelief.class,
            AdaGrad.class,
            AdaDelta.class,
            RmsProp.class,
            NoOp.class);

    private static final Set<Class<? extends Regularization>> REGULARIZATION =
            Set.of(L1Regularization.class, L2Regularization.class, WeightDecay.class);

    private final Trainee trainee;

    NetworkCheck(Trainee trainee) {
        this.trainee = trainee;
    }

    /** @throws UserError for the first thing that cannot be trained in slices: what, where, and what would be right */
    void run() {
        long elements = trainee.parameters() == null ? 0 : trainee.parameters().length();
        if (elements == 0) {
            throw new UserError("the network has no parameters; give it a layer that learns");
        }
        if (elements > MOST_PARAMETERS) {
            throw new UserError("the network has " + elements + " parameters, and at most " + MOST_PARAMETERS
                    + " can be exchanged; use a smaller one");
        }
        DataType type = trainee.parameters().dataType();
        if (type != DataType.FLOAT) {
            throw new UserError("the network computes in " + type
                    + ", and ranks add up gradients in FLOAT; configure it" + " with dataType(DataType.FLOAT)");
        }
        OptimizationAlgorithm algorithm = trainee.configuration().getOptimizationAlgo();
        if (algorithm != OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT) {
            throw new UserError(
                    "the network is optimised by " + algorithm + ", which searches along the whole gradient;"
                            + " configure it with optimizationAlgo(STOCHASTIC_GRADIENT_DESCENT)");
        }
        for (UpdaterBlock block : trainee.updater().getUpdaterBlocks()) {
            block.getLayersAndVariablesInBlock().forEach(this::requireSliceable);
        }
    }

    private void requireSliceable(UpdaterBlock.ParamState variable) {
        IUpdater updater = variable.getLayer().getConfig().getUpdaterByParam(variable.getParamName());
        if (!UPDATERS.contains(updater.getClass())) {
            throw new UserError(
                    named(variable) + " has updater " + updater.getClass().getName()
                            + ", whose state cannot be cut into slices; use one that treats every parameter on its own: "
                            + names(UPDATERS));
        }
        List<Regularization> regularizations =
                variable.getLayer().getConfig().getRegularizationByParam(variable.getParamName());
        for (Regularization regularization : regularizations == null ? List.<Regularization>of() : regularizations) {
            if (!REGULARIZATION.contains(regularization.getClass())) {
                throw new UserError(named(variable) + " has regularisation "
                        + regularization.getClass().getName() + ", which may need whole parameter arrays; use one of "
                        + names(REGULARIZATION));
            }
        }
    }

    private static String named(UpdaterBlock.ParamState variable) {
        String layer = variable.getLayer().getConfig().getLayerName();
        return "parameter " + variable.getParamName() + " of layer '" + layer + "'";
    }

    private static String names(Set<? extends Class<?>> classes) {
        return String.join(
                ", ", classes.stream().map(Class::getSimpleName).sorted().toList());
    }
}
