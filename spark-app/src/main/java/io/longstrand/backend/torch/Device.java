package io.longstrand.backend.torch;

import io.longstrand.backend.Blocks;
import io.longstrand.tensor.DataType;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** What libtorch computes on. An executor sees exactly one GPU, so CUDA means the first. */
enum Device {
    /** The calling thread of this machine's processor. */
    CPU("cpu", Blocks.Size.CACHE),
    /** The first CUDA device. Not run on a GPU. */
    CUDA("cuda:0", new Blocks.Size(Long.MAX_VALUE, Long.MAX_VALUE));

    private static final Blocks.Size PRODUCT = new Blocks.Size(256, 1 << 20);

    private final String name;
    private final Blocks.Size blocks;

    Device(String name, Blocks.Size blocks) {
        this.name = name;
        this.blocks = blocks;
    }

    /** CUDA where libtorch finds it, else the CPU. */
    static Device best() {
        return torch.cuda_is_available() ? CUDA : CPU;
    }

    /** How far kernels cut their work for this device. */
    Blocks.Size blocks() {
        return blocks;
    }

    /** How far matrix products are cut: they need no scratch for the block itself. */
    Blocks.Size productBlocks() {
        return this == CPU ? PRODUCT : blocks;
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
