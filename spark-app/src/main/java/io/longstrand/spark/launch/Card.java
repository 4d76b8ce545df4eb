package io.longstrand.spark.launch;

import io.longstrand.comm.nccl.Nccl;
import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DeviceIdentity;
import java.util.Optional;

/**
 * The GPU a rank computes on, as far as others have a say in it.
 *
 * @param uuid the same whatever number a process knows it by; empty without a GPU
 * @param cuda newest version of CUDA that its driver runs, as CUDA counts; 0 without a GPU
 * @param nccl version; empty where ranks do not talk by it, or cannot
 * @param obstacle why they cannot, or why nothing is known of a GPU; empty when they can, or do not
 */
record Card(String uuid, int cuda, String nccl, String obstacle) {
    /** Of a rank that computes on its processor. */
    static final Card NONE = new Card("", 0, "", "");

    /**
     * That of a backend before it is opened.
     *
     * @param backend by its name; empty when the rank opens none
     * @param device number of the GPU among those this process sees
     */
    static Card of(String backend, int device, CommSection comm) {
        if (backend.isEmpty()) {
            return NONE;
        }
        try {
            return new Backends()
                    .deviceIdentity(backend, new BackendProvider.Options(1, device))
                    .map(identity -> of(identity, comm))
                    .orElse(NONE);
        } catch (EnvironmentError e) {
            // Opening it will fail for the same reason, where that is told.
            return new Card("", 0, "", e.getMessage().strip().replaceAll("\\s+", " "));
        }
    }

    private static Card of(DeviceIdentity gpu, CommSection comm) {
        if (!comm.betweenDevices(true)) {
            return new Card(gpu.uuid(), gpu.cuda(), "", "");
        }
        Optional<String> obstacle = Nccl.unavailable();
        String version = obstacle.isPresent() ? "" : Nccl.version();
        return new Card(gpu.uuid(), gpu.cuda(), version, obstacle.orElse(""));
    }

    /** What it is in place of a GPU. */
    String processor() {
        return "computes on its processor" + (obstacle.isEmpty() ? "" : " (" + obstacle + ")");
    }

    boolean isGpu() {
        return !uuid.isEmpty();
    }
}
