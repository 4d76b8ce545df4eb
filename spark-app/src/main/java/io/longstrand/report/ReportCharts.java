package io.longstrand.report;

import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.ValidationCompleted;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The charts of a run, by their titles. */
final class ReportCharts {
    private static final double MEBIBYTE = 1 << 20;

    private final RunHistory history;

    /** @param history holds at least one step */
    ReportCharts(RunHistory history) {
        this.history = history;
    }

    Map<String, LineChart> all() {
        Map<String, LineChart> charts = new LinkedHashMap<>();
        charts.put("Bits per base", bitsPerBase());
        charts.put("Loss", chart("loss", "nats per token", steps("training", StepCompleted::loss)));
        charts.put(
                "Throughput",
                chart("throughput", "tokens per second", steps("tokens/s", StepCompleted::tokensPerSecond)));
        charts.put("Arithmetic", arithmetic());
        charts.put("Memory", memory());
        charts.put(
                "Learning rate",
                chart("learning-rate", "learning rate", steps("learning rate", StepCompleted::learningRate)));
        charts.put(
                "Gradient norm",
                chart("gradient-norm", "norm before clipping", steps("gradient norm", StepCompleted::gradientNorm)));
        return charts;
    }

    private LineChart bitsPerBase() {
        List<Curve> curves = new ArrayList<>();
        curves.add(steps("training", StepCompleted::bitsPerBase));
        curves.add(Curve.points(
                "held out", history.validations(), ValidationCompleted::step, ValidationCompleted::bitsPerBase));
        history.baselines().ifPresent(scored -> {
            Map<String, Double> baselines = scored.bitsPerBase();
            Optional<Map.Entry<String, Double>> best = baselines.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith("order-"))
                    .min(Map.Entry.comparingByValue(Comparator.naturalOrder()));
            for (String name : List.of("2-bit", "mix")) {
                if (baselines.containsKey(name)) {
                    curves.add(reference(name, baselines.get(name)));
                }
            }
            best.ifPresent(entry -> curves.add(reference(entry.getKey(), entry.getValue())));
        });
        return new LineChart("bits", "bits per base", curves);
    }

    private LineChart arithmetic() {
        List<Curve> curves = new ArrayList<>();
        curves.add(steps("model", step -> step.modelFlops() / 1e9));
        curves.add(steps("hardware", step -> step.hardwareFlops() / 1e9));
        double peak = history.start().machine().peakFlops();
        if (peak > 0) {
            curves.add(reference("measured peak", peak / 1e9));
        }
        return new LineChart("arithmetic", "GFLOP/s", curves);
    }

    private LineChart memory() {
        List<Curve> curves = new ArrayList<>();
        curves.add(steps("device in use", step -> step.deviceBytes() / MEBIBYTE));
        curves.add(steps("device peak", step -> step.devicePeak() / MEBIBYTE));
        curves.add(steps("host peak", step -> step.hostPeak() / MEBIBYTE));
        curves.add(steps("resident set", step -> step.residentSet() / MEBIBYTE));
        curves.add(reference("device planned", history.start().devicePlanned() / MEBIBYTE));
        return new LineChart("memory", "MiB per rank", curves);
    }

    private static LineChart chart(String name, String yTitle, Curve curve) {
        return new LineChart(name, yTitle, List.of(curve));
    }

    private Curve steps(String name, ToDoubleFunction<StepCompleted> value) {
        return Curve.of(name, history.steps(), StepCompleted::step, value);
    }

    private Curve reference(String name, double value) {
        List<StepCompleted> steps = history.steps();
        return Curve.reference(
                name, steps.get(0).step(), steps.get(steps.size() - 1).step(), value);
    }
}
