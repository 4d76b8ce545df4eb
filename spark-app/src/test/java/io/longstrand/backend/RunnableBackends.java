package io.longstrand.backend;

import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.util.stream.Stream;

/** The backends that can run here. */
final class RunnableBackends {
    private RunnableBackends() {}

    static Stream<String> names() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted();
    }
}
