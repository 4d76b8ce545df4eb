package io.longstrand.tensor;

/**
 * A second stream beside the one kernels are submitted to, for copies that pass while the device computes: a CUDA
 * stream, or a thread where kernels are done when they return. What is submitted runs in the order of submission, one
 * piece after the other. Submitting waits for nothing that is under way; at most it makes a copy that is smaller than
 * the trouble of handing it over. Nothing orders a stream with kernels or with other streams but the events below:
 * until a copy's event was awaited, its source must not be written and its target not be used.
 *
 * <p>Inside a lane's task "the compute stream" is that lane: a copy starts after what the lane has done so far, and
 * awaiting holds back that lane alone. Lanes share a stream by submitting to it, each with buffers of its own; copies of
 * other lanes may lie between theirs. An event handed from one lane to another is the lanes' own matter.
 *
 * <p>When a copy or a task fails, nothing behind it on this stream is run, and waiting for it or for any of them throws
 * what it threw. A stream belongs to its backend and ends with it; giving back memory waits for all that was submitted.
 */
public interface CopyStream {
    /** A point in the order of a stream, reached when everything submitted up to it is done. */
    interface Event {
        /** Whether it is reached, or never will be because something failed. Never waits. */
        boolean reached();
    }

    /** What the compute stream has been given so far. */
    Event computed();

    /**
     * Copies and converts elements of equal shape between any places, as {@link Kernels#copy} does.
     *
     * @param after what it starts after, besides what was submitted here before
     * @return reached when the elements are there
     * @throws IllegalArgumentException when the shapes differ
     */
    Event copy(Tensor from, Tensor to, Event after);

    /** As above, after what the compute stream has been given so far. */
    default Event copy(Tensor from, Tensor to) {
        return copy(from, to, computed());
    }

    /**
     * Runs a task of the host in its turn: reading or writing a file, say. It must call no kernels and submit nothing.
     *
     * @return reached when the task has returned
     */
    Event run(Runnable task);

    /**
     * Runs an operation of several ranks in its turn, as {@link #run} does. A rehearsal performs it too, over ranks that
     * are not there: what it sends is part of a plan.
     */
    default Event communicate(Runnable operation) {
        return run(operation);
    }

    /**
     * Makes what the compute stream is given from now on wait for an event of any stream of this backend. The calling
     * thread waits only where it is the compute stream itself.
     *
     * @throws RuntimeException what a copy or task threw, here or, on a device with a stream of its own, at the latest
     *     when the host waits
     */
    void await(Event event);

    /** Makes the calling thread wait for an event of any stream of this backend; throws what a copy or task threw. */
    void finish(Event event);
}
