package io.longstrand.backend.nd4j;

import io.longstrand.config.EnvironmentError;
import io.longstrand.gpu.CudaCheck;
import io.longstrand.gpu.CudaStack;
import io.longstrand.gpu.Surroundings;
import io.longstrand.gpu.ThisMachine;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import java.util.Optional;
import org.nd4j.common.config.ND4JSystemProperties;
import org.nd4j.linalg.cpu.nativecpu.CpuBackend;
import org.nd4j.linalg.factory.Nd4j;

/** Opens the ND4J backend; never chosen automatically, since its operations are many times slower than those of cpu. */
public final class Nd4jBackendProvider implements BackendProvider {
    private final Surroundings surroundings;

    /** For {@link java.util.ServiceLoader}. */
    public Nd4jBackendProvider() {
        this(new ThisMachine());
    }

    /** @param surroundings where GPUs and what computes on them are looked for */
    Nd4jBackendProvider(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public int priority() {
        return -1;
    }

    @Override
    public Optional<String> unavailable() {
        CudaCheck cuda = new CudaCheck(surroundings);
        if (surroundings.stacks().contains(CudaStack.ND4J)) {
            // Without a GPU that it can run on, ND4J would compute on the CPU and say nothing.
            Optional<String> obstacle = cuda.obstacle(CudaStack.ND4J);
            if (obstacle.isPresent()) {
                return Optional.of("nd4j-cuda is on the class path, so a GPU was asked for: " + obstacle.get());
            }
        }
        // ND4J announces itself through the log when it starts unless it is told not to.
        if (System.getProperty(ND4JSystemProperties.LOG_INITIALIZATION) == null) {
            System.setProperty(ND4JSystemProperties.LOG_INITIALIZATION, "false");
        }
        try {
            // With a GPU build on the class path too, ND4J silently takes whichever can run.
            if (!(Nd4j.getBackend() instanceof CpuBackend)) {
                return Optional.of("ND4J chose " + Nd4j.getBackend().getClass().getSimpleName()
                        + "; keep nd4j-native alone on the class path");
            }
            return Optional.empty();
        } catch (LinkageError | RuntimeException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            return Optional.of("ND4J does not load (" + cause.getMessage()
                    + "); put nd4j-native with its linux-x86_64 classifier on the class path");
        }
    }

    @Override
    public Backend open(Options options) {
        unavailable().ifPresent(reason -> {
            throw new EnvironmentError("backend nd4j cannot run here: " + reason);
        });
        return new Nd4jBackend(options.threads());
    }
}
