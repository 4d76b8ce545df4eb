package io.longstrand.zero;

import io.longstrand.model.Gradients;

/** The gradients of a step: added up over micro-batches and ranks. */
interface GradientStore {
    /** Owner of gradients. */
    String OWNER = "gradients";

    /** Forgets all gradients: the beginning of a step. */
    void clear();

    /**
     * The gradients as a backward pass adds to them.
     *
     * @param last whether it is the last pass of the step
     */
    Gradients pass(boolean last);

    /** Ends the step's passes: what {@link #sums} holds are then sums over all ranks. */
    void settle();

    /** Gradients on the device, FLOAT32, of the elements whose optimiser state is here. */
    StateVector sums();
}
