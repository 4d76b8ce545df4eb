package io.longstrand.tensor;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.javacpp.Pointer;

/**
 * A backend on which everything that is not waited for comes late: each copy and each task of a copy stream begins after
 * a pause of random length, and from the beginning of the pause the target holds no numbers. Whoever reads a target or
 * writes a source before its event computes something else than on the backend itself.
 */
public final class DelayedBackend implements Backend {
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int NO_NUMBER = 0xFF;

    private final Backend backend;
    private final Random random;

    /** @param backend computes on this machine's processor */
    public DelayedBackend(Backend backend, long seed) {
        this.backend = backend;
        random = new Random(seed);
    }

    @Override
    public CopyStream openCopyStream() {
        return new Delayed(backend.openCopyStream());
    }

    private void pause() {
        LockSupport.parkNanos(random.nextLong(LONGEST_PAUSE_NANOS));
    }

    private final class Delayed implements CopyStream {
        private final CopyStream stream;

        Delayed(CopyStream stream) {
            this.stream = stream;
        }

        @Override
        public Event computed() {
            return stream.computed();
        }

        @Override
        public Event copy(Tensor from, Tensor to, Event after) {
            stream.run(() -> {
                stream.finish(after);
                wipe(to);
                pause();
            });
            return stream.copy(from, to, after);
        }

        @Override
        public Event run(Runnable task) {
            return stream.run(() -> {
                pause();
                task.run();
            });
        }

        @Override
        public void await(Event event) {
            stream.await(event);
        }

        @Override
        public void finish(Event event) {
            stream.finish(event);
        }
    }

    private static void wipe(Tensor tensor) {
        for (long row = 0; row < tensor.rows(); row++) {
            Tensor elements = tensor.rows(row, row + 1);
            Pointer.memset(new At(elements.address()), NO_NUMBER, elements.bytes());
        }
    }

    private static final class At extends Pointer {
        At(long address) {
            this.address = address;
        }
    }

    @Override
    public String name() {
        return backend.name();
    }

    @Override
    public String description() {
        return backend.description() + ", late";
    }

    @Override
    public Kernels kernels() {
        return backend.kernels();
    }

    @Override
    public Memory allocate(Place place, long bytes) {
        return backend.allocate(place, bytes);
    }

    @Override
    public void synchronize() {
        backend.synchronize();
    }

    @Override
    public long peakBytes(Place place) {
        return backend.peakBytes(place);
    }

    @Override
    public long scratchBytes() {
        return backend.scratchBytes();
    }

    @Override
    public ScratchForecast scratchForecast() {
        return backend.scratchForecast();
    }

    @Override
    public void reserveScratch(KernelScratch scratch, long most) {
        backend.reserveScratch(scratch, most);
    }

    @Override
    public Optional<DeviceIdentity> deviceIdentity() {
        return backend.deviceIdentity();
    }

    @Override
    public List<SelfTest> selfTest() {
        return backend.selfTest();
    }

    @Override
    public void close() {
        backend.close();
    }
}
