package io.longstrand.comm.nccl;

import io.longstrand.comm.DeviceGroups;
import java.util.Optional;
import org.bytedeco.cuda.global.nccl;
import org.bytedeco.javacpp.Loader;

/** NCCL as this process finds it. */
public final class Nccl {
    /** Oldest CUDA that a driver must run: the libraries of this build are of the same major version. */
    public static final int OLDEST_DRIVER = 12_000;

    private Nccl() {}

    /** Why it cannot be used here; empty when it can. Touches no device. */
    public static Optional<String> unavailable() {
        try {
            Loader.load(nccl.class);
            return Optional.empty();
        } catch (LinkageError e) {
            return Optional.of("NCCL does not load: " + oneLine(e));
        }
    }

    /** Its version, of a process that has it: {@code 2.23.4}. */
    public static String version() {
        return BytedecoNccl.version();
    }

    /**
     * Groups of ranks that each compute on one device.
     *
     * @param device number of this rank's among those its process sees
     */
    public static DeviceGroups on(int device) {
        return over(new BytedecoNccl(device));
    }

    static DeviceGroups over(NcclCalls calls) {
        return (group, control, transport, timeout, meter) ->
                new NcclCommunicator(calls, group, control, transport, timeout, meter);
    }

    private static String oneLine(Throwable e) {
        return String.valueOf(e.getMessage()).strip().replaceAll("\\s+", " ");
    }
}
