package io.longstrand.spark.doctor;

import io.longstrand.doctor.DeviceReport;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one rank found.
 *
 * @param rank its number
 * @param host it ran on
 * @param executor Spark's name of the process
 * @param allReduce bytes of a tensor that all ranks add up, in a second; 0 for one rank alone
 * @param device what was found of its device; null where its backend could not be opened
 * @param refusal why it could not; empty where it could
 */
public record RankReport(int rank, String host, String executor, double allReduce, DeviceReport device, String refusal)
        implements Serializable {
    /** What was found of its device. */
    public Optional<DeviceReport> found() {
        return Optional.ofNullable(device);
    }

    /** Everything that is wrong here, one line each. */
    public List<String> faults() {
        List<String> faults = new ArrayList<>();
        if (!refusal.isEmpty()) {
            faults.add(refusal);
        }
        found().ifPresent(report -> faults.addAll(report.allFaults()));
        return faults.stream()
                .map(fault -> "rank " + rank + " on " + host + ": " + fault)
                .toList();
    }
}
