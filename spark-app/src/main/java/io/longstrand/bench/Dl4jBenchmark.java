package io.longstrand.bench;

import io.longstrand.config.RunFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Our {@code ZeroTrainingMaster} beside DL4J's own parameter averaging: the same network, batches and examples on two
 * executor processes of one processor each.
 */
final class Dl4jBenchmark implements Benchmark {
    private static final String ZERO = "zero";
    private static final String EVERY_STEP = "averaging-1";
    private static final List<String> CONTENDERS = List.of(ZERO, EVERY_STEP, "averaging-5");
    private static final List<String> FIGURES = List.of("time", "traffic");
    private static final double TIME_BAR = 0.5;
    /**
     * Of the bytes a network has more, what may pass through the driver more in a step: nothing but what the driver reads
     * and writes for itself, which varies by some kilobytes a step.
     */
    private static final double GROWTH_BAR = 0.01;

    private static final double STATE_TOLERANCE = 0.01;

    @Override
    public String name() {
        return "dl4j";
    }

    @Override
    public String description() {
        return "training a Deeplearning4j network on two executors with ZeroTrainingMaster and with"
                + " ParameterAveragingTrainingMaster: time to a loss, updater state, bytes through the driver";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("figures", "which of " + String.join(", ", FIGURES) + "; both without"),
                new Option("contenders", "which of " + String.join(", ", CONTENDERS) + "; all of them without"),
                new Option(
                        "hidden",
                        "widths of the networks' two hidden layers; the time is that of the first;"
                                + " 256,1024 without"),
                new Option("batches", "of 32 examples in one pass; 48 without"),
                new Option("passes", "after which one process has the loss to be reached; 3 without"));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        try {
            Path directory = Files.createTempDirectory("longstrand-dl4j");
            try {
                return rows(selection, new Dl4jProcess(directory), tell);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new RunFailure("bench dl4j: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunFailure("bench dl4j was interrupted", e);
        }
    }

    private static List<Row> rows(Selection selection, Dl4jProcess process, Consumer<String> tell)
            throws IOException, InterruptedException {
        List<String> contenders = selection.words("contenders", CONTENDERS);
        List<String> figures = selection.words("figures", FIGURES);
        List<Integer> hidden = selection.numbers("hidden", List.of(256, 1024));
        int batches = selection.number("batches", 48);
        String passes = "" + selection.number("passes", 3);
        List<Row> rows = new ArrayList<>();
        if (figures.contains("time")) {
            Map<String, Double> seconds = new HashMap<>();
            for (String contender : contenders) {
                Map<String, String> measured =
                        process.measure(List.of("time", contender, "" + hidden.get(0), "" + batches, passes));
                tell.accept("  " + contender + " " + measured);
                rows.addAll(times(contender, hidden.get(0), measured, seconds));
            }
            rows.addAll(ratios(hidden.get(0), seconds));
        }
        if (figures.contains("traffic")) {
            for (String contender : contenders) {
                // Bytes are counted over fewer steps than times.
                rows.addAll(traffic(contender, hidden, "" + Math.max(2, batches / 4), process, tell));
            }
        }
        return rows;
    }

    private static List<Row> times(
            String contender, int hidden, Map<String, String> measured, Map<String, Double> seconds) {
        String setting = setting(contender, hidden);
        boolean reached = Boolean.parseBoolean(measured.get("reached"));
        double value = reached ? number(measured, "seconds") : Double.POSITIVE_INFINITY;
        seconds.put(contender, value);
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of(setting, "secondsToLoss", value, "s"));
        rows.add(Row.of(setting, "passesToLoss", number(measured, "passes"), "1"));
        if (measured.containsKey("stateToWhole")) {
            double toHalf = 2 * number(measured, "stateToWhole");
            rows.add(Row.near(setting, "stateToHalf", toHalf, STATE_TOLERANCE));
        }
        return rows;
    }

    private static List<Row> ratios(int hidden, Map<String, Double> seconds) {
        List<Row> rows = new ArrayList<>();
        for (String contender : CONTENDERS) {
            if (!contender.equals(ZERO) && seconds.containsKey(ZERO) && seconds.containsKey(contender)) {
                double ratio = seconds.get(ZERO) / seconds.get(contender);
                String setting = setting("zero/" + contender, hidden);
                rows.add(
                        contender.equals(EVERY_STEP)
                                ? Row.atMost(setting, "timeToLoss", ratio, "1", TIME_BAR)
                                : Row.of(setting, "timeToLoss", ratio, "1"));
            }
        }
        return rows;
    }

    /** What passes through the driver in a step, for each network, and how it grows with the network. */
    private static List<Row> traffic(
            String contender, List<Integer> hidden, String batches, Dl4jProcess process, Consumer<String> tell)
            throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<Double> bytes = new ArrayList<>();
        List<Double> sizes = new ArrayList<>();
        for (int width : hidden) {
            Map<String, String> measured = process.measure(List.of("traffic", contender, "" + width, batches));
            tell.accept("  " + contender + " " + measured);
            bytes.add(number(measured, "bytesPerStep"));
            sizes.add(number(measured, "parameters") * Float.BYTES);
            rows.add(Row.of(
                    setting(contender, width) + " parameters=" + measured.get("parameters"),
                    "driverBytesPerStep",
                    number(measured, "bytesPerStep"),
                    "bytes"));
        }
        int last = hidden.size() - 1;
        if (last > 0) {
            double growth = (bytes.get(last) - bytes.get(0)) / (sizes.get(last) - sizes.get(0));
            String setting = "contender=" + contender;
            rows.add(
                    contender.equals(ZERO)
                            ? Row.atMost(setting, "driverBytesToModel", growth, "1", GROWTH_BAR)
                            : Row.of(setting, "driverBytesToModel", growth, "1"));
        }
        return rows;
    }

    private static String setting(String contender, int hidden) {
        return "contender=" + contender + " hidden=" + hidden;
    }

    private static double number(Map<String, String> measured, String key) {
        return Double.parseDouble(measured.get(key));
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
