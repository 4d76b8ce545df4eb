package io.longstrand.backend.torch;

import io.longstrand.backend.Lanes;
import io.longstrand.backend.MemoryUse;
import io.longstrand.backend.NativeMemory;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackgroundCopies;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DeviceIdentity;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch_cuda;

/** libtorch on a device. On the CPU operations are done when they return. */
final class TorchBackend implements Backend {
    private final Device device;
    private final MemoryUse onDevice = new MemoryUse();
    private final MemoryUse onHost = new MemoryUse();
    private final Scratch scratch;
    private final Lanes lanes;
    private final TorchKernels kernels;
    private final BackgroundCopies copies;

    /** @param threads lanes on the CPU; CUDA has one, since the device splits the work itself */
    TorchBackend(Device device, int threads) {
        this.device = device;
        device.select();
        scratch = new Scratch(device);
        // Our lanes are the threads; Scratch holds libtorch's, this the BLAS below it.
        openblas.blas_set_num_threads(1);
        // What the contract says of sums, whatever libtorch would take for good enough; see MatrixProducts.
        torch.globalContext().setAllowTF32CuBLAS(false);
        torch.globalContext().setAllowBF16ReductionCuBLAS(false);
        lanes = new Lanes("torch", device.isCuda() ? 1 : threads);
        kernels = new TorchKernels(device, lanes, scratch);
        copies = device.isCuda()
                ? BackgroundCopies.onDevice(TorchBackendProvider.NAME, () -> new CudaCopies(device, scratch))
                : new BackgroundCopies(TorchBackendProvider.NAME, this::copier);
    }

    /** A copy thread works alone: the lanes belong to the kernels. */
    private BiConsumer<Tensor, Tensor> copier() {
        return new TorchKernels(device, new Lanes("torch-copies", 1), scratch)::copy;
    }

    @Override
    public String name() {
        return TorchBackendProvider.NAME;
    }

    @Override
    public String description() {
        String version = torch.TORCH_VERSION_MAJOR + "." + torch.TORCH_VERSION_MINOR;
        return device.isCuda()
                ? "libtorch " + version + " on " + device.name() + " of " + torch.cuda_device_count()
                        + " CUDA devices, TF32 " + (torch.globalContext().allowTF32CuBLAS() ? "on" : "off")
                : "libtorch " + version + " on the CPU ("
                        + torch.get_cpu_capability().getString() + "), " + lanes.count()
                        + (lanes.count() == 1 ? " thread" : " threads") + "; no CUDA device";
    }

    @Override
    public Optional<DeviceIdentity> deviceIdentity() {
        return device.identity();
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Memory allocate(Place place, long bytes) {
        device.select();
        if (!device.isCuda()) {
            return new NativeMemory(place, bytes, use(place), copies::drain);
        }
        return switch (place) {
            case DEVICE -> new CudaMemory(device, bytes, onDevice, copies::drain);
            case HOST -> new NativeMemory(place, bytes, onHost, copies::drain, new PinnedPages());
        };
    }

    private MemoryUse use(Place place) {
        return switch (place) {
            case DEVICE -> onDevice;
            case HOST -> onHost;
        };
    }

    @Override
    public CopyStream openCopyStream() {
        return copies.open();
    }

    @Override
    public void synchronize() {
        if (device.isCuda()) {
            device.select();
            // Not the device: beside its compute stream messages of other ranks may wait for what comes next here.
            torch_cuda.getCurrentCUDAStream((byte) device.ordinal()).synchronize();
        }
    }

    @Override
    public long peakBytes(Place place) {
        return use(place).peak();
    }

    @Override
    public long scratchBytes() {
        return scratch.peakBytes();
    }

    @Override
    public List<SelfTest> selfTest() {
        return new TorchSelfTest(this).run();
    }

    @Override
    public void close() {
        copies.close();
        kernels.close();
        lanes.close();
    }
}
