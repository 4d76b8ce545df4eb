package io.longstrand.spark.doctor;

import io.longstrand.doctor.DeviceDocument;
import java.util.LinkedHashMap;
import java.util.Map;

/** A report as nested maps and lists, for JSON. */
public final class ClusterDocument {
    private ClusterDocument() {}

    /** Everything in a report. */
    public static Map<String, Object> of(ClusterReport report) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("healthy", report.healthy());
        document.put("ranks", report.ranks().stream().map(ClusterDocument::of).toList());
        document.put("faults", report.faults());
        return document;
    }

    private static Map<String, Object> of(RankReport rank) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("rank", rank.rank());
        row.put("host", rank.host());
        row.put("executor", rank.executor());
        row.put("allReduceBytesPerSecond", rank.allReduce() > 0 ? rank.allReduce() : null);
        row.put("device", rank.found().map(DeviceDocument::of).orElse(null));
        row.put("faults", rank.faults());
        return row;
    }
}
