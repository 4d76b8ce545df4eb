package io.longstrand.cli;

import io.longstrand.cli.Finding.Verdict;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.GpuMemory;
import io.longstrand.gpu.NvidiaDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the doctor says of GPUs: those that are here, what this build has for them, and what is in the way. */
final class GpuFindings {
    private static final String SUBJECT = "GPUs";

    private final CudaCheck cuda;

    GpuFindings(CudaCheck cuda) {
        this.cuda = cuda;
    }

    List<Finding> list() {
        List<Finding> findings = new ArrayList<>();
        Optional<NvidiaDriver> driver = cuda.driver();
        Set<CudaStack> stacks = cuda.stacks();
        driver.ifPresent(found -> cuda.visible(found).forEach(gpu -> findings.add(gpu(found, gpu, !stacks.isEmpty()))));
        Optional<String> several = cuda.severalStacks();
        if (several.isPresent()) {
            findings.add(new Finding("CUDA", Verdict.FAULT, several.get()));
        } else if (stacks.isEmpty()) {
            findings.add(new Finding(
                    "CUDA",
                    Verdict.ABSENT,
                    driver.isPresent()
                            ? "this build computes on the CPU; build with LONGSTRAND_PROFILE="
                                    + CudaStack.LIBTORCH.profile() + " to use the GPUs that are here"
                            : "this build computes on the CPU, and no NVIDIA driver is here"));
        } else {
            stacks.forEach(stack -> findings.add(stack(stack, driver.isPresent())));
        }
        return findings;
    }

    /** Without a driver nothing is wrong: everything computes on the CPU. */
    private Finding stack(CudaStack stack, boolean driver) {
        return cuda.obstacle(stack)
                .map(obstacle -> new Finding("CUDA", driver ? Verdict.FAULT : Verdict.ABSENT, obstacle))
                .orElse(new Finding("CUDA", Verdict.OK, stack.text() + " finds its driver and GPUs it knows"));
    }

    /** @param used whether this build computes on GPUs: only then one that is taken is in the way */
    private static Finding gpu(NvidiaDriver driver, NvidiaDriver.Gpu gpu, boolean used) {
        Optional<String> taken =
                used ? new GpuMemory(gpu.totalBytes(), gpu.freeBytes()).taken(gpu.text()) : Optional.empty();
        return taken.map(line -> new Finding(SUBJECT, Verdict.FAULT, line))
                .orElse(new Finding(
                        SUBJECT,
                        Verdict.OK,
                        gpu.text() + ", " + gpu.uuid() + ", compute capability "
                                + (gpu.computeCapability().isEmpty() ? "not known" : gpu.computeCapability()) + ", "
                                + (gpu.freeBytes() >> 20) + " of " + (gpu.totalBytes() >> 20) + " MiB free, driver "
                                + driver.version()));
    }
}
