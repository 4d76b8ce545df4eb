package io.longstrand.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Keeps two drivers from writing to one run directory at the same time: a file that names the process that does. A
 * process that was killed leaves it behind; on its own host that is seen, and the lock is taken over.
 */
public final class RunLock implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A process that trains.
     *
     * @param host where it runs
     * @param process its number
     * @param startMillis when it began: numbers are used again
     */
    private record Holder(String host, long process, long startMillis) {
        static Holder present() {
            return new Holder(localHost(), ProcessHandle.current().pid(), startMillis(ProcessHandle.current()));
        }

        /** Whether it is known to be gone; of another host's processes nothing is known. */
        boolean isGone() {
            if (!host.equals(localHost())) {
                return false;
            }
            Optional<ProcessHandle> found = ProcessHandle.of(process).filter(ProcessHandle::isAlive);
            return found.isEmpty() || startMillis(found.get()) != startMillis;
        }

        private static long startMillis(ProcessHandle process) {
            return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        }

        private static String localHost() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }

    private final FileStore store;
    private final String path;

    private RunLock(FileStore store, String path) {
        this.store = store;
        this.path = path;
    }

    /**
     * Takes the run directory, which is made if it is not there.
     *
     * @throws UserError when another process trains there, naming it
     */
    public static RunLock take(FileStore store, RunDirectory run) throws IOException {
        byte[] present = JSON.writeValueAsBytes(Holder.present());
        if (!store.createNew(run.lock(), present)) {
            Holder holder = read(store, run);
            if (!holder.isGone() || !removed(store, run) || !store.createNew(run.lock(), present)) {
                throw new UserError(run.path() + ": process " + holder.process() + " on " + holder.host()
                        + " trains there now; wait for it, or delete " + run.lock() + " if it is gone");
            }
        }
        return new RunLock(store, run.lock());
    }

    private static Holder read(FileStore store, RunDirectory run) throws IOException {
        try (InputStream input = store.open(run.lock())) {
            return JSON.readValue(input.readAllBytes(), Holder.class);
        } catch (JsonProcessingException e) {
            throw new UserError(
                    run.lock() + ": does not name a process; delete it if nothing trains in " + run.path() + " now", e);
        }
    }

    /** Of several that find the lock of a dead process, the one that moves it away goes on. */
    private static boolean removed(FileStore store, RunDirectory run) {
        String aside = run.lock() + "." + UUID.randomUUID();
        try {
            store.rename(run.lock(), aside);
            store.delete(aside);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        store.delete(path);
    }
}
