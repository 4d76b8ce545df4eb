package io.longstrand.tensor;

import java.util.List;
import java.util.Optional;

/** A device and what computes on it. One backend belongs to one rank. */
public interface Backend extends AutoCloseable {
    /** One check a backend makes of itself. */
    record SelfTest(String name, boolean passed, String detail) {}

    /** Name in the configuration: {@code cpu}, {@code nd4j}, {@code torch}. */
    String name();

    /** What the device is, for people: model, threads or memory, library versions. */
    String description();

    /** The GPU it computes on; empty for the processor of this machine. */
    default Optional<DeviceIdentity> deviceIdentity() {
        return Optional.empty();
    }

    /** What a user should know before computing with this type on this device, in one line; empty when all is well. */
    default Optional<String> caution(DataType type) {
        return Optional.empty();
    }

    /** The kernels of this device. */
    Kernels kernels();

    /** Zeroed memory, its address a multiple of {@link Arena#ALIGNMENT}. */
    Memory allocate(Place place, long bytes);

    /** Opens a stream for copies beside the compute stream; it ends with this backend. */
    CopyStream openCopyStream();

    /** Waits until everything submitted to the device's compute stream is done. */
    void synchronize();

    /** Most bytes ever allocated at once in a place, measured by the backend. */
    long peakBytes(Place place);

    /** Most bytes of scratch the kernels themselves ever held: they count as device bytes. */
    long scratchBytes();

    /** A new forecast of what the kernels of this backend will hold for a step. */
    default ScratchForecast scratchForecast() {
        return ScratchForecast.NONE;
    }

    /**
     * Sets aside what a forecast foretold, giving back all scratch held before, so that a step allocates nothing. Called
     * between operations.
     *
     * @param scratch of a forecast of this backend
     * @param most bytes of scratch the kernels may hold in all; one that needs more throws {@link
     *     io.longstrand.config.UserError}
     */
    default void reserveScratch(KernelScratch scratch, long most) {}

    /** Checks every native library and instruction set this backend relies on with a small computation. */
    List<SelfTest> selfTest();

    @Override
    void close();
}
