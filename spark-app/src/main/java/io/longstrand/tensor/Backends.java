package io.longstrand.tensor;

import io.longstrand.config.EnvironmentError;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/** The backends of this class path. */
public final class Backends {
    private final List<BackendProvider> providers;

    /** Those registered for {@link ServiceLoader}. */
    public Backends() {
        this(ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
    }

    Backends(List<BackendProvider> providers) {
        this.providers = List.copyOf(providers);
    }

    /** All of them, those that cannot run here included. */
    public List<BackendProvider> providers() {
        return providers;
    }

    /**
     * Opens a backend.
     *
     * @param name a backend's name, or {@code auto} for the best that runs here
     * @throws EnvironmentError when it cannot run here, naming why
     */
    public Backend open(String name, BackendProvider.Options options) {
        BackendProvider provider = name.equals("auto") ? best() : named(name);
        provider.unavailable().ifPresent(reason -> {
            throw new EnvironmentError("backend " + provider.name() + " cannot run here: " + reason);
        });
        return provider.open(options);
    }

    /**
     * The GPU that the backend of that name computes on, before it is opened; empty for the processor of this machine.
     *
     * @param name a backend's name, or {@code auto}
     */
    public Optional<DeviceIdentity> deviceIdentity(String name, BackendProvider.Options options) {
        return (name.equals("auto") ? best() : named(name)).deviceIdentity(options);
    }

    private BackendProvider named(String name) {
        return providers.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new EnvironmentError("backend " + name + " is not on the class path; there are "
                        + providers.stream().map(BackendProvider::name).sorted().toList()));
    }

    private BackendProvider best() {
        List<BackendProvider> eligible = providers.stream()
                .filter(provider -> provider.priority() >= 0)
                .sorted(Comparator.comparingInt(BackendProvider::priority).reversed())
                .toList();
        return eligible.stream()
                .filter(provider -> provider.unavailable().isEmpty())
                .findFirst()
                .orElseThrow(() -> new EnvironmentError("no backend can run here: "
                        + eligible.stream()
                                .map(provider -> provider.name() + ": "
                                        + provider.unavailable().orElseThrow())
                                .toList()));
    }
}
