package io.longstrand.backend.torch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.Surroundings;
import io.longstrand.gpu.ThisMachine;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.DeviceIdentity;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/** Opens the torch backend where the application was built with libtorch; chosen automatically where it finds CUDA. */
public final class TorchBackendProvider implements BackendProvider {
    static final String NAME = "torch";
    private static final int WITH_CUDA = 100;
    private static final String LIBRARY = "org/bytedeco/pytorch/linux-x86_64%s/libjnitorch.so";

    private final ClassLoader libraries;
    private final Surroundings surroundings;

    /** For {@link java.util.ServiceLoader}. */
    public TorchBackendProvider() {
        this(TorchBackendProvider.class.getClassLoader());
    }

    /** @param libraries where libtorch itself is looked for */
    TorchBackendProvider(ClassLoader libraries) {
        this.libraries = libraries;
        surroundings = new ThisMachine(libraries);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return unavailable().isEmpty() && torch.cuda_is_available() ? WITH_CUDA : -1;
    }

    @Override
    public Optional<String> unavailable() {
        if (libraries.getResource(String.format(LIBRARY, "")) == null
                && libraries.getResource(String.format(LIBRARY, "-gpu")) == null) {
            return Optional.of("this build is without libtorch; start with LONGSTRAND_PROFILE=torch (CPU) or cuda"
                    + " (CUDA 12.6) to build with it");
        }
        Optional<String> several = new CudaCheck(surroundings).severalStacks();
        if (several.isPresent()) {
            return several;
        }
        try {
            Loader.load(torch.class);
            return Optional.empty();
        } catch (LinkageError e) {
            return Optional.of("libtorch does not load: " + e.getMessage());
        }
    }

    @Override
    public Optional<DeviceIdentity> deviceIdentity(Options options) {
        return unavailable().isPresent()
                ? Optional.empty()
                : Device.best(options.device()).identity();
    }

    @Override
    public Backend open(Options options) {
        unavailable().ifPresent(reason -> {
            throw new EnvironmentError("backend " + NAME + " cannot run here: " + reason);
        });
        Device device = Device.best(options.device());
        if (device.isCuda() && device.ordinal() >= torch.cuda_device_count()) {
            throw new EnvironmentError("GPU " + device.ordinal() + " was asked for, and libtorch sees "
                    + torch.cuda_device_count() + " (numbered from 0)");
        }
        obstacle(device).ifPresent(reason -> {
            throw new EnvironmentError("backend " + NAME + " cannot run here: " + reason);
        });
        return new TorchBackend(device, options.threads());
    }

    /** GPUs that the driver shows to a build for CUDA, and libtorch does not find. */
    private static Optional<String> unseen(CudaCheck check) {
        if (!check.stacks().contains(CudaStack.LIBTORCH)) {
            return Optional.empty();
        }
        return check.driver()
                .map(check::visible)
                .filter(gpus -> !gpus.isEmpty())
                .map(gpus -> "the driver shows " + gpus.get(0).text() + ", and libtorch finds no CUDA device;"
                        + " nvidia-smi and the driver's library must be of one release. CUDA_VISIBLE_DEVICES= (empty)"
                        + " computes on the CPU");
    }

    /** What libtorch would not say: it computes on the CPU below a driver that is too old for it, and fails later. */
    private Optional<String> obstacle(Device device) {
        if (!device.isCuda()) {
            CudaCheck check = new CudaCheck(surroundings);
            return check.outdated(CudaStack.LIBTORCH).or(() -> unseen(check));
        }
        CudaRuntime runtime = new CudaRuntime();
        DeviceIdentity gpu = runtime.identity(device.ordinal());
        String text = "GPU " + device.ordinal() + " (" + gpu.name() + ")";
        return CudaCheck.tooNew(CudaStack.LIBTORCH, text, gpu.computeCapability())
                .or(() -> runtime.untouchedMemory(device.ordinal()).flatMap(memory -> memory.taken(text)));
    }
}
