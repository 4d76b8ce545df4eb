package io.longstrand.bench;

import io.longstrand.bench.peer.Libtorch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What matrix products reach on this machine, by library, shape, precision and threads. The best over libraries and
 * shapes is the peak ({@link MatrixPeak}) that every other benchmark measures again in its own rounds; its row comes
 * after those it was chosen from.
 */
public final class PeakBenchmark implements Benchmark {
    private static final List<String> PRECISIONS = List.of("fp32", "bf16");
    private static final int ROUNDS = 3;
    private static final String UNIT = "GFLOP/s";

    private final String backendName;

    /** @param backendName the backend measured beside the other libraries */
    public PeakBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "peak";
    }

    @Override
    public String description() {
        return "matrix products by library, shape, precision and threads; the best is the peak shares refer to";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("precisions", "fp32, bf16; both"),
                new Option("threads", "how many; 1 and all processors (" + processors() + ")"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        new Libtorch().unavailable().ifPresent(tell);
        int rounds = selection.number("rounds", ROUNDS);
        List<Integer> threads = selection.numbers("threads", processors() == 1 ? List.of(1) : List.of(1, processors()));
        List<Row> rows = new ArrayList<>();
        for (String precision : selection.words("precisions", PRECISIONS)) {
            Map<Integer, Double> peaks = new LinkedHashMap<>();
            for (int count : threads) {
                List<MatrixPeak.Rate> rates = medians(precision, count, rounds, tell);
                rates.forEach(rate -> rows.add(row(rate, precision, count, "matrixProduct")));
                rows.add(row(MatrixPeak.best(rates), precision, count, "peak"));
                peaks.put(count, MatrixPeak.best(rates).flopsPerSecond());
            }
            if (peaks.containsKey(1)) {
                peaks.forEach((count, peak) -> {
                    if (count > 1) {
                        rows.add(Row.of("precision=" + precision, "threads" + count + "to1", peak / peaks.get(1), "1"));
                    }
                });
            }
        }
        return rows;
    }

    /** The median rate of every library and shape over the rounds. */
    private List<MatrixPeak.Rate> medians(String precision, int threads, int rounds, Consumer<String> tell) {
        List<List<MatrixPeak.Rate>> measured = new ArrayList<>();
        try (MatrixPeak peak = new MatrixPeak(backendName, precision, threads)) {
            for (int round = 1; round <= rounds; round++) {
                tell.accept("precision=" + precision + " threads=" + threads + ", round " + round + " of " + rounds);
                measured.add(peak.measure());
            }
        }
        List<MatrixPeak.Rate> medians = new ArrayList<>();
        for (int i = 0; i < measured.get(0).size(); i++) {
            int index = i;
            MatrixPeak.Rate any = measured.get(0).get(index);
            List<Double> rates = measured.stream()
                    .map(round -> round.get(index).flopsPerSecond())
                    .collect(Collectors.toList());
            medians.add(new MatrixPeak.Rate(any.library(), any.shape(), Contest.median(rates)));
        }
        return medians;
    }

    private static Row row(MatrixPeak.Rate rate, String precision, int threads, String figure) {
        String setting =
                "library=" + rate.library() + " " + rate.shape() + " precision=" + precision + " threads=" + threads;
        return Row.of(setting, figure, rate.flopsPerSecond() / 1e9, UNIT);
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }
}
