package io.longstrand.spark.dl4j;

import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;

/** What turns the gradients of a step into what is subtracted from the parameters. */
@FunctionalInterface
interface StepUpdate {
    /**
     * Does so in place.
     *
     * @param iteration number of steps done before
     * @param epoch number of epochs done before
     * @param workspaces of the network, for temporary arrays
     */
    void run(int iteration, int epoch, LayerWorkspaceMgr workspaces);
}
