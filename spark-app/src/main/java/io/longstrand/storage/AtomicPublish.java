package io.longstrand.storage;

import java.io.Closeable;
import java.io.IOException;
import java.util.UUID;

/**
 * A file or directory that appears under its name only when complete. Write to {@link #staging()}, a hidden sibling,
 * then {@link #commit()}; closing without commit deletes what was written:
 *
 * <pre>{@code
 * try (AtomicPublish publish = AtomicPublish.to(store, "run/status.json")) {
 *     try (OutputStream output = store.create(publish.staging())) { … }
 *     publish.commit();
 * }
 * }</pre>
 */
public final class AtomicPublish implements Closeable {
    private final FileStore store;
    private final String target;
    private final String staging;
    private final boolean keepOnFailure;
    private boolean committed;

    private AtomicPublish(FileStore store, String target, String suffix, boolean keepOnFailure) {
        this.store = store;
        this.target = store.resolve(target);
        this.staging = store.child(store.parent(target), "." + store.name(target) + "." + suffix + ".partial");
        this.keepOnFailure = keepOnFailure;
    }

    /** Publishes to {@code target}; a failure leaves nothing behind. */
    public static AtomicPublish to(FileStore store, String target) {
        return new AtomicPublish(store, target, UUID.randomUUID().toString(), false);
    }

    /**
     * Publishes to {@code target} from a staging path that a later attempt with the same {@code key} finds again with
     * all it held, so that finished pieces of a long job need not be done twice.
     */
    public static AtomicPublish resumable(FileStore store, String target, String key) {
        return new AtomicPublish(store, target, key, true);
    }

    /**
     * Publishes what several processes write to {@code target}: those with the same {@code key} have the same staging
     * path. One of them commits; a failure of that one leaves nothing behind.
     */
    public static AtomicPublish shared(FileStore store, String target, String key) {
        return new AtomicPublish(store, target, key, false);
    }

    /** Where to write: beside the target, so that the rename stays on one file system. */
    public String staging() {
        return staging;
    }

    /**
     * Makes the staging path the target. A file that is there is replaced in one step; a directory is moved aside
     * first, so for an instant there is none, but never a mixture.
     */
    public void commit() throws IOException {
        if (store.isDirectory(target)) {
            String aside =
                    store.child(store.parent(target), "." + store.name(target) + "." + UUID.randomUUID() + ".replaced");
            store.rename(target, aside);
            store.rename(staging, target);
            store.delete(aside);
        } else if (store.isDirectory(staging)) {
            store.rename(staging, target);
        } else {
            store.replace(staging, target);
        }
        committed = true;
    }

    /** Deletes what was staged, unless committed or kept for a later attempt. */
    @Override
    public void close() throws IOException {
        if (!committed && !keepOnFailure) {
            store.delete(staging);
        }
    }
}
