package io.longstrand.plan;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;

/**
 * One step as a run does it, from taking the state to the last update, for any amount of work. It is called once for
 * every workload the planner tries, and by the run itself through the same code.
 */
@FunctionalInterface
public interface Rehearsal {
    /**
     * Builds everything a run holds and does one step.
     *
     * @param workload of one micro-batch
     * @param backend that computes nothing; owned by the caller, as are the arenas
     * @param device where the step takes device memory
     * @param host where the step takes host memory
     */
    void run(Workload workload, Backend backend, Arena device, Arena host);
}
