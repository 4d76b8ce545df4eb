package io.longstrand.bench;

import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.HostMasking;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.MaskWork;
import io.longstrand.attention.Masking;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What masks cost: attention of one head under a window and under a causal mask, each computed from its rule and made on
 * the host, measured in turn. Seconds of a pass, so that growth with length can be read off.
 */
public final class MaskBenchmark implements Benchmark {
    private static final List<Integer> LENGTHS = List.of(8192, 16384, 32768, 65536);
    private static final List<String> PASSES = List.of("forward", "backward");
    private static final AttentionShape SHAPE = new AttentionShape(1, 1, 64);
    private static final int WINDOW = 1024;
    private static final int ROUNDS = 3;
    private static final int WARM_UPS = 3;
    /** Passes from this length on compile themselves: one warm-up is enough. */
    private static final int LONG = 16384;

    private static final long KEPT_BYTES = 64L << 20;

    private static final String CAUSAL = "mask=causal placement=structured";
    private static final String CAUSAL_ON_HOST = "mask=causal placement=host";

    private final String backendName;

    /** @param backendName the backend measured */
    public MaskBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "masks";
    }

    @Override
    public String description() {
        return "attention under a window and with masks made on the host, against causal attention, by length";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("lengths", "tokens of a sequence; all of " + LENGTHS),
                new Option("passes", "forward, backward; both"),
                new Option("window", "tokens a query sees; " + WINDOW),
                new Option("threads", "lanes; 1"),
                new Option("rounds", "how often every mask is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        int window = selection.number("window", WINDOW);
        List<String> passes = selection.words("passes", PASSES);
        Map<String, Masking> maskings = maskings(window);
        List<Row> rows = new ArrayList<>();
        for (int length : selection.numbers("lengths", LENGTHS)) {
            rows.addAll(measure(
                    length,
                    maskings,
                    window,
                    passes,
                    selection.number("threads", 1),
                    selection.number("rounds", ROUNDS),
                    tell));
        }
        return rows;
    }

    private static Map<String, Masking> maskings(int window) {
        MaskRule causal = new MaskRule.Causal();
        MaskRule near = new MaskRule.Window(window);
        Map<String, Masking> maskings = new LinkedHashMap<>();
        maskings.put(CAUSAL, causal);
        maskings.put(CAUSAL_ON_HOST, new HostMasking(causal, KEPT_BYTES));
        maskings.put(structured(window), near);
        maskings.put(onHost(window), new HostMasking(near, KEPT_BYTES));
        return maskings;
    }

    private static String structured(int window) {
        return "mask=window window=" + window + " placement=structured";
    }

    private static String onHost(int window) {
        return "mask=window window=" + window + " placement=host";
    }

    private List<Row> measure(
            int length,
            Map<String, Masking> maskings,
            int window,
            List<String> passes,
            int threads,
            int rounds,
            Consumer<String> tell) {
        Map<String, AttentionModel> models = new LinkedHashMap<>();
        List<Row> rows = new ArrayList<>();
        try {
            maskings.forEach((name, masking) -> models.put(
                    name, new AttentionModel(backendName, threads, SHAPE, length, DataType.FLOAT32, masking)));
            for (String pass : passes) {
                String common = " backend=" + backendName + " pass=" + pass + " S=" + length
                        + " d=64 heads=1 precision=fp32 threads=" + threads;
                tell.accept(common.strip());
                Contest contest = new Contest();
                models.forEach((name, model) -> contest.enter(
                        name, Stopwatch.rate(1, pass.equals("forward") ? model::forward : model::backward)));
                for (int warmUp = 0; warmUp < (length < LONG ? WARM_UPS : 1); warmUp++) {
                    contest.warmUp(tell);
                }
                rows.addAll(rows(contest.run(rounds, tell), common, window));
            }
            rows.addAll(work(models, length));
        } finally {
            models.values().forEach(AttentionModel::close);
        }
        return rows;
    }

    private static List<Row> rows(Contest.Outcome outcome, String common, int window) {
        List<Row> rows = new ArrayList<>();
        for (String name : outcome.rates().keySet()) {
            rows.add(Row.of(name + common, "seconds", 1 / outcome.median(name), "s"));
        }
        rows.add(Row.of(structured(window) + common, "speedToCausal", outcome.ratio(structured(window), CAUSAL), "1"));
        rows.add(Row.of(CAUSAL_ON_HOST + common, "speedToStructured", outcome.ratio(CAUSAL_ON_HOST, CAUSAL), "1"));
        rows.add(Row.of(
                onHost(window) + common, "speedToStructured", outcome.ratio(onHost(window), structured(window)), "1"));
        return rows;
    }

    /** What the masks made on the host took over all passes measured. */
    private List<Row> work(Map<String, AttentionModel> models, int length) {
        List<Row> rows = new ArrayList<>();
        models.forEach((name, model) -> {
            MaskWork work = model.maskWork();
            if (work.tiles() > 0) {
                String setting = name + " backend=" + backendName + " S=" + length;
                rows.add(Row.of(setting, "tilesMade", work.tiles(), "tiles"));
                rows.add(Row.of(setting, "secondsMaking", work.seconds(), "s"));
                rows.add(Row.of(setting, "secondsWaited", work.waitedSeconds(), "s"));
            }
        });
        return rows;
    }
}
