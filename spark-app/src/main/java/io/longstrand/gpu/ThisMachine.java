package io.longstrand.gpu;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The class path and the machine of this process; loads no library of CUDA. */
public final class ThisMachine implements Surroundings {
    private final ClassLoader libraries;

    /** With the class path of the application. */
    public ThisMachine() {
        this(ThisMachine.class.getClassLoader());
    }

    /** @param libraries where CUDA stacks are looked for */
    public ThisMachine(ClassLoader libraries) {
        this.libraries = libraries;
    }

    @Override
    public Set<CudaStack> stacks() {
        Set<CudaStack> stacks = EnumSet.noneOf(CudaStack.class);
        for (CudaStack stack : CudaStack.values()) {
            if (libraries.getResource(stack.mark()) != null) {
                stacks.add(stack);
            }
        }
        return stacks;
    }

    @Override
    public Optional<NvidiaDriver> driver() {
        return new NvidiaSmi().ask();
    }

    @Override
    public Optional<String> visibleDevices() {
        return Optional.ofNullable(System.getenv("CUDA_VISIBLE_DEVICES"));
    }
}
