package io.longstrand.gpu;

import io.longstrand.gpu.NvidiaDriver.Gpu;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What stands in the way of computing on this machine's GPUs, in one line that says what would help. */
public final class CudaCheck {
    /** How the name of a part of a GPU begins (multi-instance GPU). */
    private static final String PART = "MIG-";

    private final Surroundings surroundings;

    /** Of some surroundings. */
    public CudaCheck(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Why none of the CUDA stacks on the class path may be loaded: there are several. */
    public Optional<String> severalStacks() {
        Set<CudaStack> stacks = surroundings.stacks();
        return stacks.size() < 2
                ? Optional.empty()
                : Optional.of("the class path has "
                        + stacks.stream().map(CudaStack::text).collect(Collectors.joining(" and "))
                        + ", and a process loads only one; build with LONGSTRAND_PROFILE="
                        + stacks.stream().map(CudaStack::profile).collect(Collectors.joining(" or ")));
    }

    /** Why a stack cannot compute on the GPUs that this process sees; empty when nothing is known to be in the way. */
    public Optional<String> obstacle(CudaStack stack) {
        Optional<String> several = severalStacks();
        if (several.isPresent()) {
            return several;
        }
        if (!surroundings.stacks().contains(stack)) {
            return Optional.of(
                    "this build is without " + stack.text() + "; build with LONGSTRAND_PROFILE=" + stack.profile());
        }
        Optional<NvidiaDriver> driver = surroundings.driver();
        if (driver.isEmpty()) {
            return Optional.of("there is no NVIDIA driver here that answers (nvidia-smi); " + stack.text()
                    + " needs release " + stack.leastDriver() + " or newer");
        }
        Optional<String> outdated = outdated(stack);
        if (outdated.isPresent()) {
            return outdated;
        }
        List<Gpu> visible = visible(driver.get());
        if (visible.isEmpty()) {
            return Optional.of("CUDA_VISIBLE_DEVICES="
                    + surroundings.visibleDevices().orElse("") + " hides every GPU of this machine");
        }
        return visible.stream()
                .map(gpu -> tooNew(stack, gpu.text(), gpu.computeCapability()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Why a stack on the class path cannot use the driver that is here: it is too old. */
    public Optional<String> outdated(CudaStack stack) {
        return surroundings.stacks().contains(stack)
                ? surroundings
                        .driver()
                        .filter(driver -> driver.major() < stack.leastDriver())
                        .map(driver -> "the NVIDIA driver here is release " + driver.version() + ", and " + stack.text()
                                + " needs release " + stack.leastDriver() + " or newer; install one")
                : Optional.empty();
    }

    /**
     * Why a stack cannot compute on one GPU: it has no instructions for it.
     *
     * @param gpu as messages call it
     * @param computeCapability {@code 9.0}; empty where it is not known
     */
    public static Optional<String> tooNew(CudaStack stack, String gpu, String computeCapability) {
        int major = new Gpu(0, gpu, "", computeCapability, 0, 0).major();
        if (major <= stack.newestMajor()) {
            return Optional.empty();
        }
        String help = stack == CudaStack.ND4J && major <= CudaStack.LIBTORCH.newestMajor()
                ? "build with LONGSTRAND_PROFILE=" + CudaStack.LIBTORCH.profile() + " and set backend=torch"
                : "choose an older GPU with CUDA_VISIBLE_DEVICES, or compute on the CPU with backend=cpu";
        return Optional.of(gpu + " has compute capability " + computeCapability + ", and " + stack.text()
                + " has no instructions for " + major + ".0 and newer; " + help);
    }

    /** Whether NVIDIA's driver is here, for any stack. */
    public Optional<NvidiaDriver> driver() {
        return surroundings.driver();
    }

    /** The CUDA stacks on the class path. */
    public Set<CudaStack> stacks() {
        return surroundings.stacks();
    }

    /** The GPUs that this process sees, as CUDA decides it: the names it was given up to the first that is none. */
    public List<Gpu> visible(NvidiaDriver driver) {
        if (surroundings.visibleDevices().isEmpty()) {
            return driver.gpus();
        }
        List<String> names = Arrays.stream(surroundings.visibleDevices().get().split(","))
                .map(String::strip)
                .toList();
        if (names.stream().anyMatch(name -> name.startsWith(PART))) {
            return driver.gpus(); // whose part it is, nvidia-smi's list does not say
        }
        return names.stream()
                .map(name -> driver.gpus().stream().filter(gpu -> is(gpu, name)).findFirst())
                .takeWhile(Optional::isPresent)
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    private static boolean is(Gpu gpu, String name) {
        return name.equals("" + gpu.index())
                || name.startsWith("GPU-") && gpu.uuid().startsWith(name);
    }
}
