package io.longstrand.bench;

import io.longstrand.attention.AttentionShape;
import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchAttention;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Causal flash attention by length, forward and backward, against the peak of matrix products and libtorch's flash
 * attention, measured in turn. Model FLOPs: {@code 4·d} a pair and head forward, {@code 8·d} backward; what the backward
 * pass computes again is not counted. In bfloat16 libtorch is left out: on CPUs without MKL its attention takes minutes
 * where ours takes seconds.
 */
public final class AttentionBenchmark implements Benchmark {
    private static final List<Integer> LENGTHS = List.of(1024, 2048, 4096, 8192, 16384, 32768, 65536, 131072);
    private static final List<String> PASSES = List.of("forward", "backward");
    private static final List<String> PRECISIONS = List.of("fp32", "bf16");
    private static final int ROUNDS = 3;
    private static final int HEAD_SIZE = 64;
    private static final int HEADS = 8;
    /** From this length on one head, so that a pass stays below minutes. */
    private static final int ONE_HEAD_FROM = 16384;

    private static final int WARM_UPS = 4;
    /** Bars hold from this length on, for heads of 64 in fp32. */
    private static final int BARS_FROM = 4096;

    private static final double RATIO_TO_LIBTORCH = 1.1;
    private static final Map<String, Double> TO_PEAK = Map.of("forward", 0.70, "backward", 0.60);

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
                new Option("lengths", "tokens of a sequence; " + LENGTHS),
                new Option("passes", "forward, backward; both"),
                new Option("precisions", "fp32, bf16 (without libtorch); fp32"),
                new Option("headSizes", "elements of a head; " + HEAD_SIZE),
                new Option("threads", "of every contender; 1"),
                new Option("contenders", "longstrand, which is always there; libtorch; both"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    /** What is measured. */
    private record Case(int length, int headSize, String precision, int threads, List<String> passes) {
        int heads() {
            return length >= ONE_HEAD_FROM ? 1 : HEADS;
        }

        double flops(String pass, long pairs) {
            return (pass.equals("forward") ? 4.0 : 8.0) * headSize * heads() * pairs;
        }

        boolean hasBars() {
            return length >= BARS_FROM && headSize == HEAD_SIZE && precision.equals("fp32") && threads == 1;
        }

        String setting(String pass) {
            return "pass=" + pass + " S=" + length + " d=" + headSize + " heads=" + heads() + " precision=" + precision
                    + " threads=" + threads;
        }
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<Integer> lengths = selection.numbers("lengths", LENGTHS);
        List<Integer> headSizes = selection.numbers("headSizes", List.of(HEAD_SIZE));
        List<String> passes = selection.words("passes", PASSES);
        List<String> precisions =
                selection.has("precisions") ? selection.words("precisions", PRECISIONS) : List.of("fp32");
        int threads = selection.number("threads", 1);
        int rounds = selection.number("rounds", ROUNDS);
        boolean libtorch =
                selection.words("contenders", List.of(OURS, LIBTORCH)).contains(LIBTORCH);
        if (libtorch) {
            Optional<String> reason = new Libtorch().unavailable();
            reason.ifPresent(tell);
            libtorch = reason.isEmpty();
        }
        List<Row> rows = new ArrayList<>();
        for (String precision : precisions) {
            for (int headSize : headSizes) {
                for (int length : lengths) {
                    Case one = new Case(length, headSize, precision, threads, passes);
                    rows.addAll(measure(one, libtorch && precision.equals("fp32"), rounds, tell));
                }
            }
        }
        return rows;
    }

    private List<Row> measure(Case one, boolean libtorch, int rounds, Consumer<String> tell) {
        tell.accept(one.setting(String.join("+", one.passes())));
        AttentionShape shape = new AttentionShape(one.heads(), one.heads(), one.headSize());
        DataType type = one.precision().equals("bf16") ? DataType.BFLOAT16 : DataType.FLOAT32;
        try (AttentionModel ours = new AttentionModel(backendName, one.threads(), shape, one.length(), type);
                MatrixPeak peak = new MatrixPeak(backendName, one.precision(), one.threads())) {
            Contest contest = new Contest();
            for (String pass : one.passes()) {
                Runnable run = pass.equals("forward") ? ours::forward : ours::backward;
                contest.enter(OURS + " " + pass, Stopwatch.rate(one.flops(pass, ours.pairs()), run));
            }
            if (!libtorch) {
                return rows(one, fight(contest, one, peak, rounds, tell));
            }
            new Libtorch().threads(one.threads());
            try (LibtorchAttention theirs = new LibtorchAttention(one.heads(), one.length(), one.headSize())) {
                for (String pass : one.passes()) {
                    Runnable run = pass.equals("forward") ? theirs::forward : theirs::backward;
                    contest.enter(LIBTORCH + " " + pass, Stopwatch.rate(one.flops(pass, ours.pairs()), run));
                }
                return rows(one, fight(contest, one, peak, rounds, tell));
            } finally {
                new Libtorch().threads(1);
            }
        }
    }

    private static Contest.Outcome fight(
            Contest contest, Case one, MatrixPeak peak, int rounds, Consumer<String> tell) {
        // Short passes are over before they are compiled; a long one compiles itself.
        for (int passes = 0; one.length() < ONE_HEAD_FROM && passes < WARM_UPS; passes++) {
            contest.warmUp(tell);
        }
        contest.enter(PEAK, peak::flopsPerSecond);
        return contest.run(rounds, tell);
    }

    private List<Row> rows(Case one, Contest.Outcome outcome) {
        List<Row> rows = new ArrayList<>();
        for (String pass : one.passes()) {
            String setting = "backend=" + backendName + " " + one.setting(pass);
            String ours = OURS + " " + pass;
            String theirs = LIBTORCH + " " + pass;
            rows.add(row(one, setting, "modelToPeak", outcome.ratio(ours, PEAK), TO_PEAK.get(pass)));
            rows.add(Row.of(setting, "modelFlops", outcome.median(ours) / 1e9, "GFLOP/s"));
            if (outcome.rates().containsKey(theirs)) {
                rows.add(row(one, setting, "ratioToLibtorch", outcome.ratio(ours, theirs), RATIO_TO_LIBTORCH));
            }
        }
        return rows;
    }

    private static Row row(Case one, String setting, String figure, double value, double bar) {
        return one.hasBars() ? Row.atLeast(setting, figure, value, "1", bar) : Row.of(setting, figure, value, "1");
    }
}
