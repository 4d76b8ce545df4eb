package io.longstrand.tensor;

/**
 * What makes the copies of one {@link CopyStream}: a thread of the host that copies itself, or a device that goes on
 * copying after it was told to. Copies are begun by one thread at a time, in order.
 */
public interface CopyEngine extends AutoCloseable {
    /** When something begun is done. */
    interface Completion {
        /** Of what was done when it returned. */
        Completion DONE = new Completion() {
            @Override
            public boolean reached() {
                return true;
            }

            @Override
            public void finish() {}
        };

        /** Whether it is done. Never waits. */
        boolean reached();

        /** Makes the calling thread wait for it; throws what the device says went wrong. */
        void finish();
    }

    /** What the compute stream has been given so far; called on the thread that computes. */
    Completion computed();

    /**
     * Begins to copy and convert the elements of one tensor to another of the same shape.
     *
     * @param after what it must start after
     */
    Completion copy(Tensor from, Tensor to, Completion after);

    /** Makes what the compute stream is given from now on start after something; called on the thread that computes. */
    void holdCompute(Completion until);

    @Override
    void close();
}
