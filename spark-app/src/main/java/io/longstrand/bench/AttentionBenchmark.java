package io.longstrand.bench;

import io.longstrand.attention.AttentionShape;
import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchAttention;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Causal flash attention in fp32 by length, against the peak of matrix products and libtorch's flash attention, measured
 * in turn. Model FLOPs: {@code 4·d} a pair and head forward, {@code 8·d} backward; what the backward pass computes again
 * is not counted.
 */
public final class AttentionBenchmark implements Benchmark {
    private static final List<Integer> LENGTHS = List.of(1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072);
    private static final List<String> PASSES = List.of("forward", "backward");
    private static final int ROUNDS = 3;
    private static final int HEAD_SIZE = 64;
    private static final int HEADS = 8;
    /** From this length on one head, so that a pass stays below minutes. */
    private static final int ONE_HEAD_FROM = 16384;

    private static final int WARM_UPS = 4;
    /** Bars hold from this length on. */
    private static final int BARS_FROM = 4096;

    private static final double RATIO_TO_LIBTORCH = 1.1;
    private static final double FORWARD_TO_PEAK = 0.70;
    private static final double BACKWARD_TO_PEAK = 0.60;

    private static final String OURS = "longstrand";
    private static final String LIBTORCH = "libtorch";
    private static final String PEAK = "peak";

    private final String backendName;

    /** @param backendName the backend measured */
    public AttentionBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "attention";
    }

    @Override
    public String description() {
        return "causal flash attention by length, against the peak of matrix products and libtorch's";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("lengths", "tokens of a sequence; all of " + LENGTHS),
                new Option("passes", "forward, backward; both"),
                new Option("contenders", "longstrand is always there; libtorch"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<Integer> lengths = selection.numbers("lengths", LENGTHS);
        List<String> passes = selection.words("passes", PASSES);
        int rounds = selection.number("rounds", ROUNDS);
        boolean libtorch = selection.words("contenders", List.of(LIBTORCH)).contains(LIBTORCH);
        if (libtorch) {
            Optional<String> reason = new Libtorch().unavailable();
            reason.ifPresent(tell);
            libtorch = reason.isEmpty();
        }
        List<Row> rows = new ArrayList<>();
        for (int length : lengths) {
            rows.addAll(length(length, passes, libtorch, rounds, tell));
        }
        return rows;
    }

    private List<Row> length(int length, List<String> passes, boolean libtorch, int rounds, Consumer<String> tell) {
        int heads = length >= ONE_HEAD_FROM ? 1 : HEADS;
        AttentionShape shape = new AttentionShape(heads, heads, HEAD_SIZE);
        List<Row> rows = new ArrayList<>();
        try (AttentionModel ours = new AttentionModel(backendName, 1, shape, length, DataType.FLOAT32);
                MatrixPeak peak = new MatrixPeak(backendName, "fp32", 1)) {
            for (String pass : passes) {
                boolean forward = pass.equals("forward");
                double flops = (forward ? 4.0 : 8.0) * HEAD_SIZE * heads * ours.pairs();
                String setting = "backend=" + backendName + " pass=" + pass + " S=" + length + " d=" + HEAD_SIZE
                        + " heads=" + heads + " precision=fp32 threads=1";
                tell.accept(setting);
                Contest contest = new Contest();
                contest.enter(PEAK, peak::flopsPerSecond);
                contest.enter(OURS, Stopwatch.rate(flops, forward ? ours::forward : ours::backward));
                if (!libtorch) {
                    rows.addAll(rows(setting, forward, length, false, fight(contest, length, rounds, tell)));
                    continue;
                }
                new Libtorch().threads(1);
                try (LibtorchAttention theirs = new LibtorchAttention(heads, length, HEAD_SIZE)) {
                    contest.enter(LIBTORCH, Stopwatch.rate(flops, forward ? theirs::forward : theirs::backward));
                    rows.addAll(rows(setting, forward, length, true, fight(contest, length, rounds, tell)));
                }
            }
        }
        return rows;
    }

    private static Contest.Outcome fight(Contest contest, int length, int rounds, Consumer<String> tell) {
        // Short passes are over before they are compiled; a long one compiles itself.
        for (int passes = 0; length < ONE_HEAD_FROM && passes < WARM_UPS; passes++) {
            contest.warmUp(tell);
        }
        return contest.run(rounds, tell);
    }

    private static List<Row> rows(
            String setting, boolean forward, int length, boolean libtorch, Contest.Outcome outcome) {
        List<Row> rows = new ArrayList<>();
        double bar = forward ? FORWARD_TO_PEAK : BACKWARD_TO_PEAK;
        rows.add(row(setting, "modelToPeak", outcome.ratio(OURS, PEAK), length, bar));
        rows.add(Row.of(setting, "modelFlops", outcome.median(OURS) / 1e9, "GFLOP/s"));
        if (libtorch) {
            rows.add(row(setting, "ratioToLibtorch", outcome.ratio(OURS, LIBTORCH), length, RATIO_TO_LIBTORCH));
        }
        return rows;
    }

    private static Row row(String setting, String figure, double value, int length, double bar) {
        return length >= BARS_FROM
                ? Row.atLeast(setting, figure, value, "1", bar)
                : Row.of(setting, figure, value, "1");
    }
}
