package io.longstrand.backend.torch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.gpu.GpuMemory;
import io.longstrand.tensor.DeviceIdentity;
import java.util.Optional;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.pytorch.global.torch_cuda;

/** What CUDA's runtime says of GPUs. Needs its library, which a build without CUDA lacks. */
final class CudaRuntime {
    private static final int UUID_BYTES = 16;

    /**
     * A GPU of this process.
     *
     * @param ordinal its number among those this process sees
     * @throws EnvironmentError when CUDA does not know it
     */
    DeviceIdentity identity(int ordinal) {
        int[] version = new int[1];
        try (cudaDeviceProp properties = new cudaDeviceProp()) {
            require(cudart.cudaDriverGetVersion(version), ordinal);
            require(cudart.cudaGetDeviceProperties(properties, ordinal), ordinal);
            byte[] uuid = new byte[UUID_BYTES];
            new BytePointer(properties.uuid()).capacity(UUID_BYTES).get(uuid);
            return new DeviceIdentity(
                    properties.name().getString(),
                    uuid(uuid),
                    properties.major() + "." + properties.minor(),
                    version[0],
                    properties.totalGlobalMem());
        }
    }

    /**
     * Memory of a GPU as others have left it; empty once libtorch has computed in this process, whose own share nobody
     * tells apart.
     *
     * @param ordinal its number among those this process sees
     */
    Optional<GpuMemory> untouchedMemory(int ordinal) {
        if (torch_cuda.getAllocator().initialized()) {
            return Optional.empty();
        }
        try (SizeTPointer free = new SizeTPointer(1);
                SizeTPointer total = new SizeTPointer(1)) {
            require(cudart.cudaSetDevice(ordinal), ordinal);
            require(cudart.cudaMemGetInfo(free, total), ordinal);
            return Optional.of(new GpuMemory(total.get(), free.get()));
        }
    }

    private static void require(int status, int ordinal) {
        if (status != 0) {
            throw new EnvironmentError("GPU " + ordinal + ": CUDA says "
                    + cudart.cudaGetErrorString(status).getString());
        }
    }

    /** As NVIDIA's tools print it. */
    static String uuid(byte[] bytes) {
        StringBuilder text = new StringBuilder("GPU-");
        for (int at = 0; at < bytes.length; at++) {
            if (at == 4 || at == 6 || at == 8 || at == 10) {
                text.append('-');
            }
            text.append(String.format("%02x", bytes[at]));
        }
        return text.toString();
    }
}
