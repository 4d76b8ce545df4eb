package io.longstrand.train;

import io.longstrand.genome.sample.Window;
import io.longstrand.genome.sample.WindowSampler;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Hands out the windows of one micro-batch after the other and prepares the next ones on a thread of its own. Which
 * windows they are is arithmetic, so the thread changes no bit.
 */
final class WindowLoader implements AutoCloseable {
    private final WindowSampler sampler;
    private final int microBatch;
    private final int group;
    private final int groups;
    private final ExecutorService thread;
    private long nextMicroBatch;
    private Future<Window[]> prepared;

    /**
     * Begins to prepare.
     *
     * @param microBatch windows of a micro-batch
     * @param group this rank's place among those that see different windows: the group's micro-batch m holds windows
     *     {@code (m · groups + group) · microBatch} on, so that groups together see what one that takes as many
     *     micro-batches more would
     * @param groups how many groups there are
     * @param first number of the first micro-batch
     */
    WindowLoader(WindowSampler sampler, int microBatch, int group, int groups, long first) {
        this.sampler = sampler;
        this.microBatch = microBatch;
        this.group = group;
        this.groups = groups;
        this.nextMicroBatch = first;
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread worker = new Thread(task, "window-loader");
            worker.setDaemon(true);
            return worker;
        });
        prepareNext();
    }

    /** The windows of the next micro-batch; rethrows what went wrong preparing them. */
    Window[] next() {
        try {
            Window[] windows = prepared.get();
            prepareNext();
            return windows;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for data", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("cannot read data", e.getCause());
        }
    }

    private void prepareNext() {
        long first = (nextMicroBatch++ * groups + group) * microBatch;
        prepared = thread.submit(() -> {
            Window[] windows = new Window[microBatch];
            for (int i = 0; i < microBatch; i++) {
                windows[i] = sampler.window(first + i);
            }
            return windows;
        });
    }

    @Override
    public void close() {
        // Never interrupts: an interrupted read would close the channel that others still read from.
        thread.shutdown();
        try {
            prepared.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            // Windows nobody wants any more: what went wrong with them harms no one.
            prepared.cancel(false);
        }
    }
}
