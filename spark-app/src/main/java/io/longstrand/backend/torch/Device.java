package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.DeviceIdentity;
import java.util.Optional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * What libtorch computes on.
 *
 * @param name libtorch's
 * @param ordinal number of the CUDA device among those this process sees; -1 for the CPU
 * @param blocks how far kernels cut their work for this device
 */
record Device(String name, int ordinal, Blocks.Size blocks) {
    /** The calling thread of this machine's processor. */
    static final Device CPU = new Device("cpu", -1, Blocks.Size.CACHE);

    private static final Blocks.Size PRODUCT = new Blocks.Size(256, 1 << 20);

    /** A CUDA device. */
    static Device cuda(int ordinal) {
        return new Device("cuda:" + ordinal, ordinal, new Blocks.Size(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    /** A CUDA device where libtorch finds any, else the CPU. */
    static Device best(int ordinal) {
        return torch.cuda_is_available() ? cuda(ordinal) : CPU;
    }

    boolean isCuda() {
        return ordinal >= 0;
    }

    /** Which GPU it is, if it is one. */
    Optional<DeviceIdentity> identity() {
        return isCuda() ? Optional.of(new CudaRuntime().identity(ordinal)) : Optional.empty();
    }

    /** Makes a CUDA device that of the calling thread; it costs nothing where it is. */
    void select() {
        if (isCuda()) {
            torch_cuda.set_device((byte) ordinal);
        }
    }

    /** How far matrix products are cut: they need no scratch for the block itself. */
    Blocks.Size productBlocks() {
        return isCuda() ? blocks : PRODUCT;
    }

    /** This device and an element type; lives as long as the scope it is made in. */
    TensorOptions options(ScalarType type) {
        return new TensorOptions(type).device(new DeviceOptional(new org.bytedeco.pytorch.Device(name)));
    }

    /** libtorch's name of an element type. */
    static ScalarType typeOf(DataType type) {
        return switch (type) {
            case FLOAT32 -> ScalarType.Float;
            case BFLOAT16 -> ScalarType.BFloat16;
            case INT32 -> ScalarType.Int;
        };
    }
}
