package io.longstrand.doctor;

import io.longstrand.conformance.KernelConformance;
import io.longstrand.conformance.KernelVerdict;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.Backend.SelfTest;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DeviceIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks at the device of one backend: what it is, each kernel against the float64 reference, products and copies, and a
 * training step beside the CPU's.
 */
public final class DeviceCheck {
    private final String name;
    private final BackendProvider.Options options;
    private final KernelConformance conformance;

    /** @param backend a backend's name or {@code auto} @param options its lanes and its device */
    public DeviceCheck(String backend, BackendProvider.Options options) {
        this(backend, options, new KernelConformance());
    }

    /** The same. @param brief whether shapes of training's size are left out: seconds then */
    public static DeviceCheck of(String backend, BackendProvider.Options options, boolean brief) {
        return new DeviceCheck(backend, options, brief ? KernelConformance.brief() : new KernelConformance());
    }

    DeviceCheck(String backend, BackendProvider.Options options, KernelConformance conformance) {
        this.name = backend;
        this.options = options;
        this.conformance = conformance;
    }

    /** Hears of what is found at once, since all of it takes half a minute. */
    public interface Listener {
        /** The backend is open. @param device of its GPU, empty on the CPU */
        default void opened(String backend, String description, String device) {}

        /** A kernel was tried. */
        default void tried(KernelVerdict verdict) {}

        /** Something was measured. */
        default void measured(Rate rate) {}

        /** A step was compared. */
        default void compared(StepVerdict verdict) {}

        /** Something could not be looked at. */
        default void remarked(String remark) {}
    }

    /**
     * Looks.
     *
     * @throws io.longstrand.config.EnvironmentError when the backend cannot run here, naming what is missing
     */
    public DeviceReport run(Listener listener) {
        long start = System.nanoTime();
        List<KernelVerdict> kernels = new ArrayList<>();
        List<Rate> rates = new ArrayList<>();
        List<String> faults = new ArrayList<>();
        List<String> remarks = new ArrayList<>();
        String backend;
        String description;
        String device;
        Backend opened = new Backends().open(name, options);
        backend = opened.name();
        description = opened.description();
        device = opened.deviceIdentity().map(DeviceIdentity::text).orElse("");
        listener.opened(backend, description, device);
        try {
            for (SelfTest test : opened.selfTest()) {
                if (!test.passed()) {
                    faults.add("self-test of " + test.name() + ": " + test.detail());
                }
            }
            kernels.addAll(conformance.judge(opened, listener::tried));
            rates.addAll(new DeviceRates().measure(opened));
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            faults.add("self-test, products and copies: " + e);
        }
        rates.forEach(listener::measured);
        try {
            opened.close();
        } catch (RuntimeException | LinkageError e) {
            // After an error CUDA answers every call of the process with it: what was seen before must not be lost.
            faults.add("closing the device: " + e);
        }
        List<StepVerdict> steps = new ArrayList<>();
        Optional<String> without = withoutPeer(backend);
        if (without.isPresent()) {
            remarks.add(without.get());
            listener.remarked(without.get());
        } else {
            StepComparison comparison = new StepComparison(backend, options);
            try {
                steps.add(comparison.float32());
                steps.add(comparison.bfloat16());
            } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
                faults.add("training step: " + e);
            }
            steps.forEach(listener::compared);
        }
        return new DeviceReport(
                backend,
                description,
                device,
                kernels,
                rates,
                steps,
                faults,
                remarks,
                (System.nanoTime() - start) * 1e-9);
    }

    /** Why no step is compared with the CPU's. */
    private static Optional<String> withoutPeer(String backend) {
        if (backend.equals(StepComparison.PEER)) {
            return Optional.of("no training step beside the CPU's: " + backend + " is the CPU's");
        }
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.name().equals(StepComparison.PEER))
                        .findFirst()
                        .map(BackendProvider::unavailable)
                        .orElse(Optional.of("it is not on the class path"))
                        .map(reason -> "no training step beside the CPU's: backend " + StepComparison.PEER
                                + " cannot run here: " + reason);
    }
}
