package io.longstrand.backend.cpu;

import io.longstrand.config.EnvironmentError;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import java.util.Optional;

/** Opens the cpu backend where the Vector API and oneDNN are there. */
public final class CpuBackendProvider implements BackendProvider {
    static final String NAME = "cpu";
    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final int JAVA = 17;
    /** What vectors are read from memory with. */
    private static final String VECTOR_PACKAGE = "jdk.internal.vm.vector";

    private static final int PRIORITY = 50;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return PRIORITY;
    }

    @Override
    public Optional<String> unavailable() {
        int version = Runtime.version().feature();
        if (version != JAVA) {
            return Optional.of("this is Java " + version + ", and it reads memory by means of Java " + JAVA
                    + " that other versions have changed: start it with a JDK " + JAVA);
        }
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return Optional.of(
                    "the module " + VECTOR_MODULE + " is missing: start the JVM with --add-modules " + VECTOR_MODULE);
        }
        if (!Object.class.getModule().isExported(VECTOR_PACKAGE, CpuBackendProvider.class.getModule())) {
            return Optional.of("the package " + VECTOR_PACKAGE
                    + " is closed: start the JVM with --add-exports java.base/" + VECTOR_PACKAGE + "=ALL-UNNAMED");
        }
        try (OneDnn library = new OneDnn()) {
            library.holdCallingThread();
            return Optional.empty();
        } catch (EnvironmentError e) {
            return Optional.of(e.getMessage());
        }
    }

    @Override
    public Backend open(Options options) {
        Optional<String> reason = unavailable();
        if (reason.isPresent()) {
            throw new EnvironmentError("backend " + NAME + " cannot run here: " + reason.get());
        }
        return new CpuBackend(options.threads());
    }
}
