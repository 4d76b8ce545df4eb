package io.longstrand.conformance;

import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What every kernel must do, on each backend that can run here. */
class EveryKernelTest {
    @TestFactory
    Stream<DynamicContainer> every_kernel_of_every_backend() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted()
                        .map(backend -> DynamicContainer.dynamicContainer(
                                backend,
                                KernelCase.all().stream()
                                        .map(trial ->
                                                DynamicTest.dynamicTest(trial.toString(), () -> run(backend, trial)))));
    }

    private static void run(String backend, KernelCase trial) {
        try (Workbench bench = Workbench.open(backend)) {
            trial.trial().accept(bench);
        }
    }
}
