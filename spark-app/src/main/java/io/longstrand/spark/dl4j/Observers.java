package io.longstrand.spark.dl4j;

import io.longstrand.config.UserError;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.core.storage.listener.RoutingIterationListener;
import org.deeplearning4j.core.util.UIDProvider;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/**
 * Who hears of the steps, as they travel to the ranks. A step is one step of the whole network, whoever computes it, so
 * listeners are told by rank 0 alone; hooks see the examples, so every rank calls them.
 *
 * @param listeners DL4J's; what they keep to themselves stays on rank 0
 * @param hooks before and after each step
 * @param recording whether what listeners record goes back to the driver
 */
record Observers(List<TrainingListener> listeners, List<TrainingHook> hooks, boolean recording)
        implements Serializable {
    /** Copies of both. @throws UserError when a listener cannot travel */
    static Observers of(Collection<TrainingListener> listeners, Collection<TrainingHook> hooks, boolean recording) {
        for (TrainingListener listener : listeners) {
            requireSerializable(listener);
        }
        return new Observers(new ArrayList<>(listeners), new ArrayList<>(hooks), recording);
    }

    private static void requireSerializable(TrainingListener listener) {
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            out.writeObject(listener);
        } catch (IOException e) {
            throw new UserError(
                    "listener " + listener.getClass().getName() + " cannot travel to the rank that calls it (" + e
                            + "); use one that is Serializable, such as ScoreIterationListener",
                    e);
        }
    }

    /** The listeners of rank 0. @param storage where those that record put it */
    List<TrainingListener> listeners(StatsStorageRouter storage) {
        for (TrainingListener listener : listeners) {
            if (recording && listener instanceof RoutingIterationListener routing) {
                routing.setStorageRouter(storage);
                routing.setWorkerID(UIDProvider.getJVMUID() + "_0");
            }
        }
        return listeners;
    }

    /** Does a step between the hooks. */
    void around(MultiDataSet examples, Replica replica, Runnable step) {
        if (hooks.isEmpty()) {
            step.run();
            return;
        }
        // A network of layers takes data sets of one array each, as DL4J's own workers hand them to hooks.
        DataSet single = replica.model() instanceof MultiLayerNetwork ? LayersReplica.single(examples) : null;
        for (TrainingHook hook : hooks) {
            if (single != null) {
                hook.preUpdate(single, replica.model());
            } else {
                hook.preUpdate(examples, replica.model());
            }
        }
        step.run();
        for (TrainingHook hook : hooks) {
            if (single != null) {
                hook.postUpdate(single, replica.model());
            } else {
                hook.postUpdate(examples, replica.model());
            }
        }
    }
}
