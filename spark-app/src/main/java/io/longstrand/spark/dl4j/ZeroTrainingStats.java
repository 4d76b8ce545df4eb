package io.longstrand.spark.dl4j;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.stats.EventStats;
import org.deeplearning4j.spark.util.SparkUtils;

/** Where the time of trainings went, driver and ranks; each event says in which JVM. */
final class ZeroTrainingStats implements SparkTrainingStats {
    private static final long serialVersionUID = 1L;
    private static final String DELIMITER = ",";

    private final EnumMap<Phase, List<EventStats>> events = new EnumMap<>(Phase.class);

    /** A copy of what was noted. */
    ZeroTrainingStats(Map<Phase, List<EventStats>> noted) {
        add(noted);
    }

    private void add(Map<Phase, List<EventStats>> more) {
        more.forEach((phase, noted) ->
                events.computeIfAbsent(phase, none -> new ArrayList<>()).addAll(noted));
    }

    @Override
    public Set<String> getKeySet() {
        Set<String> keys = new LinkedHashSet<>();
        events.keySet().forEach(phase -> keys.add(phase.key()));
        return keys;
    }

    @Override
    public List<EventStats> getValue(String key) {
        return List.copyOf(events.getOrDefault(Phase.of(key), List.of()));
    }

    @Override
    public String getShortNameForKey(String key) {
        return Phase.of(key).shortName();
    }

    @Override
    public boolean defaultIncludeInPlots(String key) {
        return Phase.of(key).plotted();
    }

    @Override
    public void addOtherTrainingStats(SparkTrainingStats other) {
        if (!(other instanceof ZeroTrainingStats zero)) {
            throw new IllegalArgumentException("statistics of another kind of training: " + other);
        }
        add(zero.events);
    }

    @Override
    public SparkTrainingStats getNestedTrainingStats() {
        return null;
    }

    @Override
    public String statsAsString() {
        StringBuilder text = new StringBuilder();
        events.forEach((phase, noted) -> text.append(String.format(DEFAULT_PRINT_FORMAT, phase.key()))
                .append(noted.stream()
                        .map(event -> Long.toString(event.getDurationMs()))
                        .collect(Collectors.joining(DELIMITER)))
                .append('\n'));
        return text.toString();
    }

    /** A file a phase: a line that names the columns, then one an event. */
    @Override
    public void exportStatFiles(String directory, SparkContext spark) throws IOException {
        for (Map.Entry<Phase, List<EventStats>> entry : events.entrySet()) {
            StringBuilder text = new StringBuilder();
            for (EventStats event : entry.getValue()) {
                text.append(text.isEmpty() ? event.getStringHeader(DELIMITER) + "\n" : "")
                        .append(event.asString(DELIMITER))
                        .append('\n');
            }
            String file = directory + (directory.endsWith("/") ? "" : "/")
                    + entry.getKey().key() + ".txt";
            SparkUtils.writeStringToFile(file, text.toString(), spark);
        }
    }
}
