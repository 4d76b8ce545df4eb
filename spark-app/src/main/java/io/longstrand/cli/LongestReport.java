package io.longstrand.cli;

import io.longstrand.config.UserError;
import io.longstrand.metrics.Quantity;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShape.MlpActivation;
import io.longstrand.model.ParameterLayout;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.published.GptSize;
import io.longstrand.plan.published.PeerLengths;
import io.longstrand.report.BarChart;
import io.longstrand.train.LongestSequences.Longest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shows how long sequences can be on clusters of several sizes: as a table, as JSON and as bars. */
final class LongestReport {
    private static final String LONGSTRAND = "longstrand";
    private static final double THOUSAND = 1024;

    /**
     * What {@code --json} prints.
     *
     * @param cluster name of the profile
     * @param longest a row for each system and number of GPUs
     */
    record Document(String cluster, List<Row> longest) {}

    /**
     * One length.
     *
     * @param system {@code longstrand}, planned by rehearsal; others by formulas
     * @param gpus how many
     * @param longestSequence tokens; 0 when none fits
     * @param settings layout that lets it be so long; empty for other systems
     * @param deviceBytes of a rank; 0 for other systems
     * @param hostBytes of a rank; 0 for other systems
     * @param stepSeconds of a step; 0 for other systems
     */
    record Row(
            String system,
            int gpus,
            long longestSequence,
            List<String> settings,
            long deviceBytes,
            long hostBytes,
            double stepSeconds) {}

    private final Console console;
    private final ClusterProfile cluster;
    private final ModelShape shape;
    private final Quantity quantity = new Quantity();

    LongestReport(Console console, ClusterProfile cluster, ModelShape shape) {
        this.console = console;
        this.cluster = cluster;
        this.shape = shape;
    }

    /** Beside the lengths of other systems where their formulas hold for the model. @param lengths by GPUs */
    List<Row> show(List<Longest> lengths, boolean json) {
        List<Row> rows = new ArrayList<>();
        for (Longest longest : lengths) {
            if (formulasHold()) {
                rows.addAll(others(longest.gpus()));
            }
            rows.add(new Row(
                    LONGSTRAND,
                    longest.gpus(),
                    longest.tokens(),
                    longest.layout(),
                    longest.plan().deviceBytes(),
                    longest.plan().hostBytes(),
                    longest.step().seconds()));
        }
        console.say(
                "%s parameters in %d layers of %d; the longest sequence on %s",
                quantity.count(new ParameterLayout(shape).learned()), shape.layers(), shape.hidden(), cluster.name());
        rows.forEach(this::say);
        if (json) {
            new Json().print(console, new Document(cluster.name(), rows));
        }
        return rows;
    }

    private void say(Row row) {
        console.say(
                "  %4d GPUs  %-24s %,12d tokens%s",
                row.gpus(), row.system(), row.longestSequence(), row.system().equals(LONGSTRAND) ? details(row) : "");
    }

    private String details(Row row) {
        return String.format(
                java.util.Locale.ROOT,
                "  device %s, host %s a rank; a step takes %,.0f s; %s",
                quantity.bytes(row.deviceBytes()),
                quantity.bytes(row.hostBytes()),
                row.stepSeconds(),
                String.join(" ", row.settings()));
    }

    /** They are for multi-head attention and an MLP of two matrices, four times as wide as the stream. */
    private boolean formulasHold() {
        return shape.activation() == MlpActivation.GELU
                && shape.feedForward() == 4 * shape.hidden()
                && shape.keyValueHeads() == shape.heads();
    }

    private List<Row> others(int gpus) {
        GptSize size = new GptSize("configured", shape.layers(), shape.hidden(), shape.heads(), shape.vocabulary());
        List<Row> rows = new ArrayList<>();
        new PeerLengths(cluster)
                .of(size, gpus)
                .forEach((system, tokens) -> rows.add(new Row(system.text(), gpus, tokens, List.of(), 0, 0, 0)));
        return rows;
    }

    /** Draws rows as bars. @throws UserError when the file cannot be written */
    void plot(List<Row> rows, Path file) {
        Map<String, List<Double>> series = new LinkedHashMap<>();
        List<String> groups = new ArrayList<>();
        String size = quantity.count(new ParameterLayout(shape).learned());
        for (Row row : rows) {
            String group = size + ", " + row.gpus() + " GPUs";
            if (!groups.contains(group)) {
                groups.add(group);
            }
            series.computeIfAbsent(row.system(), system -> new ArrayList<>()).add(row.longestSequence() / THOUSAND);
        }
        BarChart chart = new BarChart("longest sequence, thousands (1024) of tokens", groups, series);
        try {
            Files.writeString(file, chart.svg());
        } catch (IOException e) {
            throw new UserError("--plot " + file + ": cannot be written (" + e + ")", e);
        }
        console.say("drawn in %s", file);
    }
}
