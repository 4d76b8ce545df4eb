package io.longstrand.spark.dl4j;

import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.updater.UpdaterBlock;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** A rank's copy of the network: what the two kinds of DL4J networks have in common. */
interface Replica {
    /** The network itself. */
    Model model();

    /** All its gradients, (parameters); DL4J fills it, and subtracts from the parameters what it finds there. */
    INDArray gradients();

    /** The configuration's seed, another one after each step. */
    long seed();

    /** Whether gradients are means over the examples of a step; otherwise they are sums. */
    boolean averagesExamples();

    /** Whether a step cuts sequences into segments and updates after each. */
    boolean truncatesSequences();

    /**
     * Puts another updater in place of DL4J's.
     *
     * @param stateElements of the whole state; the updater that takes its place never touches memory for it
     * @return DL4J's updater blocks, without state
     */
    List<UpdaterBlock> replaceUpdater(StepUpdate update, int stateElements);

    /** One step of DL4J's own training. */
    void fit(MultiDataSet examples);

    /** Sets the score listeners see. */
    void setScore(double score);

    /** Who hears of each step. */
    void setListeners(List<TrainingListener> listeners);
}
