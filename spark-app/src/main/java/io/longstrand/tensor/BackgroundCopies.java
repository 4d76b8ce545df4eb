package io.longstrand.tensor;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The copy streams of a backend: one daemon thread a stream, which makes its copies or tells a device to. */
public final class BackgroundCopies implements AutoCloseable {
    private final String name;
    private final Supplier<CopyEngine> engines;
    private final long atOnceBytes;
    private final List<BackgroundStream> streams = new CopyOnWriteArrayList<>();

    /**
     * Beside kernels that are done when they return: every copy is made on its stream's thread.
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
        this(name, atOnceBytes, () -> new HostCopies(copiers.get()));
    }

    private BackgroundCopies(String name, long atOnceBytes, Supplier<CopyEngine> engines) {
        this.name = name;
        this.atOnceBytes = atOnceBytes;
        this.engines = engines;
    }

    /**
     * Beside the compute stream of a device that copies by itself.
     *
     * @param name of the backend, for its threads
     * @param engines gives each stream what copies on the device
     */
    public static BackgroundCopies onDevice(String name, Supplier<CopyEngine> engines) {
        return new BackgroundCopies(name, 0, engines);
    }

    /** Opens a stream. */
    public CopyStream open() {
        BackgroundStream stream =
                new BackgroundStream(name + "-copies-" + (streams.size() + 1), engines.get(), atOnceBytes);
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
