package io.longstrand.doctor;

import io.longstrand.conformance.KernelVerdict;
import io.longstrand.tensor.DataType;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was found of one device.
 *
 * @param backend that computes on it
 * @param description what it is, as the backend says
 * @param device name, UUID and memory of the GPU; empty on the CPU
 * @param kernels one verdict a kernel and type
 * @param rates of products and copies
 * @param steps training steps beside the CPU's
 * @param faults what is wrong beside kernels and steps, one line each
 * @param remarks what could not be looked at, and why
 * @param seconds it took to find out
 */
public record DeviceReport(
        String backend,
        String description,
        String device,
        List<KernelVerdict> kernels,
        List<Rate> rates,
        List<StepVerdict> steps,
        List<String> faults,
        List<String> remarks,
        double seconds)
        implements Serializable {
    public DeviceReport {
        kernels = List.copyOf(kernels);
        rates = List.copyOf(rates);
        steps = List.copyOf(steps);
        faults = List.copyOf(faults);
        remarks = List.copyOf(remarks);
    }

    /** Everything that is wrong, one line each. */
    public List<String> allFaults() {
        List<String> all = new ArrayList<>(faults);
        for (KernelVerdict kernel : kernels) {
            kernel.faults().forEach(fault -> all.add(kernel.kernel() + ": " + fault));
        }
        steps.stream().map(StepVerdict::fault).flatMap(Optional::stream).forEach(all::add);
        return all;
    }

    /** Whether nothing is. */
    public boolean healthy() {
        return allFaults().isEmpty();
    }

    /** The verdict that lies farthest from the reference in one type. */
    public Optional<KernelVerdict> worst(DataType type) {
        return kernels.stream()
                .filter(kernel -> kernel.type() == type)
                .max((one, other) -> Double.compare(one.ofAllowed(), other.ofAllowed()));
    }

    /** A rate by its name. */
    public Optional<Rate> rate(String what) {
        return rates.stream().filter(rate -> rate.what().equals(what)).findFirst();
    }
}
