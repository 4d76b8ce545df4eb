package io.longstrand.tensor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The copy streams of a backend whose kernels are done when they return: one daemon thread a stream. */
public final class BackgroundCopies implements AutoCloseable {
    private final String name;
    private final Supplier<BiConsumer<Tensor, Tensor>> copiers;
    private final long atOnceBytes;
    private final List<BackgroundStream> streams = new CopyOnWriteArrayList<>();

    /**
     * Every copy is made on its stream's thread; none is open yet.
     *
     * @param name of the backend, for its threads
     * @param copiers gives each stream what copies on its one thread: from the first tensor to the second
     */
    public BackgroundCopies(String name, Supplier<BiConsumer<Tensor, Tensor>> copiers) {
        this(name, copiers, 0);
    }

    /**
     * As above, for copiers that wait for nothing and that any thread may call, one at a time.
     *
     * @param atOnceBytes the largest copy that its submitter makes itself when the stream has nothing else to do
     */
    public BackgroundCopies(String name, Supplier<BiConsumer<Tensor, Tensor>> copiers, long atOnceBytes) {
        this.name = name;
        this.copiers = copiers;
        this.atOnceBytes = atOnceBytes;
    }

    /** Opens a stream. */
    public CopyStream open() {
        BackgroundStream stream =
                new BackgroundStream(name + "-copies-" + (streams.size() + 1), copiers.get(), atOnceBytes);
        streams.add(stream);
        return stream;
    }

    /** Waits for everything submitted so far, failed or not: memory may be given back then. */
    public void drain() {
        streams.forEach(BackgroundStream::drain);
    }

    /** Ends the threads when everything submitted is done. */
    @Override
    public void close() {
        streams.forEach(BackgroundStream::close);
    }
}
