package io.longstrand.bench;

import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchGpt;
import io.longstrand.train.RandomTokens;
import io.longstrand.train.StepModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A whole training step (forward, backward, clipping, AdamW) over sequences of every length, against two things measured
 * in turn with it: the matrix products of the same machine, and libtorch's autograd over the same model. Hardware FLOPs
 * count what is executed, the recomputed scores of flash attention included; model FLOPs count what the model asks for.
 */
public final class StepBenchmark implements Benchmark {
    private static final List<Integer> LENGTHS = List.of(2048, 4096, 8192, 16384, 32768, 65536);
    private static final int ROUNDS = 3;
    /** A first step of these many tokens compiles everything; a long one would only take longer. */
    private static final int WARM_UP_LENGTH = 2048;

    private static final String OURS = "longstrand";
    private static final String LIBTORCH = "libtorch";
    private static final String PEAK = "peak";

    private static final double HARDWARE_TO_PEAK = 0.80;
    /** By length; what matters is how much of attention is executed twice. */
    private static final Map<Integer, Double> MODEL_TO_PEAK = Map.of(2048, 0.80, 8192, 0.75, 32768, 0.68);

    private static final double RATIO_TO_LIBTORCH = 1.15;
    private static final double SLOWEST_TO_FASTEST = 0.85;
    private static final double BF16_TO_FP32 = 1.6;
    private static final double THREADS_2_TO_1 = 0.93;

    private static final double RECOMPUTE_TO_NONE = 1.36;
    private static final double RECOMPUTE_DEVICE_TO_NONE = 0.6;

    private static final List<String> CASES = List.of("lengths", "bf16", "threads", "recompute");
    private static final List<Integer> BF16_LENGTHS = List.of(2048, 8192);
    private static final int THREADS_LENGTH = 8192;
    private static final int RECOMPUTE_LENGTH = 8192;
    /** Above it libtorch takes part only when lengths are selected, so that the whole command ends within 40 minutes. */
    private static final int LONGEST_OF_LIBTORCH = 32768;

    private final String backendName;

    /** @param backendName the backend measured */
    public StepBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "step";
    }

    @Override
    public String description() {
        return "a whole training step by length of sequence, against the peak of matrix products and libtorch's autograd";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option(
                        "cases",
                        "lengths: every length in fp32; bf16: against fp32; threads: two against one; recompute: full"
                                + " against none; all"),
                new Option(
                        "lengths",
                        "tokens of a sequence; " + LENGTHS + ", libtorch up to " + LONGEST_OF_LIBTORCH + "; bf16 "
                                + BF16_LENGTHS + "; threads " + THREADS_LENGTH + "; recompute " + RECOMPUTE_LENGTH),
                new Option("contenders", "longstrand, which is always there; libtorch; both"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<String> cases = selection.words("cases", CASES);
        int rounds = selection.number("rounds", ROUNDS);
        List<Row> rows = new ArrayList<>();
        if (cases.contains("lengths")) {
            rows.addAll(lengths(selection, rounds, tell));
        }
        if (cases.contains("bf16")) {
            for (int length : selection.numbers("lengths", BF16_LENGTHS)) {
                rows.add(bf16ToFp32(StepCase.of(length), rounds, tell));
            }
        }
        if (cases.contains("threads")) {
            if (Runtime.getRuntime().availableProcessors() > 1) {
                for (int length : selection.numbers("lengths", List.of(THREADS_LENGTH))) {
                    rows.add(threads2to1(StepCase.of(length), rounds, tell));
                }
            } else {
                tell.accept("threads is left out: this machine has one processor");
            }
        }
        if (cases.contains("recompute")) {
            for (int length : selection.numbers("lengths", List.of(RECOMPUTE_LENGTH))) {
                rows.addAll(recomputeToNone(StepCase.of(length), rounds, tell));
            }
        }
        return rows;
    }

    /** Our own step in both precisions. */
    private Row bf16ToFp32(StepCase fp32, int rounds, Consumer<String> tell) {
        StepCase bf16 = fp32.withPrecision("bf16");
        tell.accept(bf16.setting() + " against fp32");
        RandomTokens tokens = fp32.randomTokens();
        try (StepModel wide = new StepModel(backendName, 1, fp32.settings(), tokens);
                StepModel narrow = new StepModel(backendName, 1, bf16.settings(), tokens)) {
            Contest contest = new Contest();
            contest.enter("fp32", () -> 1 / wide.seconds());
            contest.enter("bf16", () -> 1 / narrow.seconds());
            contest.warmUp(tell);
            double ratio = contest.run(rounds, tell).ratio("bf16", "fp32");
            return Row.atLeast("backend=" + backendName + " " + bf16.setting(), "bf16ToFp32", ratio, "1", BF16_TO_FP32);
        }
    }

    /** What two threads gain, as a share of what plain matrix products gain on them in the same round. */
    private Row threads2to1(StepCase one, int rounds, Consumer<String> tell) {
        StepCase two = one.withThreads(2);
        tell.accept(two.setting() + " against one thread");
        RandomTokens tokens = one.randomTokens();
        try (StepModel single = new StepModel(backendName, 1, one.settings(), tokens);
                StepModel pair = new StepModel(backendName, 2, two.settings(), tokens);
                MatrixPeak singlePeak = new MatrixPeak(backendName, "fp32", 1);
                MatrixPeak pairPeak = new MatrixPeak(backendName, "fp32", 2)) {
            Contest contest = new Contest();
            contest.enter("peak1", singlePeak::flopsPerSecond);
            contest.enter("step1", () -> 1 / single.seconds());
            contest.enter("step2", () -> 1 / pair.seconds());
            contest.enter("peak2", pairPeak::flopsPerSecond);
            contest.warmUp(tell);
            Contest.Outcome outcome = contest.run(rounds, tell);
            double gain = outcome.ratio("step2", "step1") / outcome.ratio("peak2", "peak1");
            return Row.atLeast(
                    "backend=" + backendName + " " + two.setting(), "threads2to1", gain, "1", THREADS_2_TO_1);
        }
    }

    /** What computing everything again costs in time, and leaves of the device memory. */
    private List<Row> recomputeToNone(StepCase none, int rounds, Consumer<String> tell) {
        StepCase full = none.withRecompute("full");
        tell.accept(full.setting() + " against none");
        RandomTokens tokens = none.randomTokens();
        try (StepModel keeping = new StepModel(backendName, 1, none.settings(), tokens);
                StepModel recomputing = new StepModel(backendName, 1, full.settings(), tokens)) {
            Contest contest = new Contest();
            contest.enter("none", () -> 1 / keeping.seconds());
            contest.enter("full", () -> 1 / recomputing.seconds());
            contest.warmUp(tell);
            String setting = "backend=" + backendName + " " + full.setting();
            double time = contest.run(rounds, tell).ratio("none", "full");
            double device = (double) recomputing.devicePeak() / keeping.devicePeak();
            return List.of(
                    Row.atMost(setting, "recomputeToNone", time, "1", RECOMPUTE_TO_NONE),
                    Row.atMost(setting, "recomputeDeviceToNone", device, "1", RECOMPUTE_DEVICE_TO_NONE));
        }
    }

    private List<Row> lengths(Selection selection, int rounds, Consumer<String> tell) {
        List<Integer> lengths = selection.numbers("lengths", LENGTHS);
        boolean libtorch =
                selection.words("contenders", List.of(OURS, LIBTORCH)).contains(LIBTORCH) && libtorch(tell);
        List<Row> rows = new ArrayList<>();
        List<Row> shares = new ArrayList<>();
        for (int length : lengths.stream().sorted().toList()) {
            boolean compared = libtorch && (selection.has("lengths") || length <= LONGEST_OF_LIBTORCH);
            List<Row> measured = length(StepCase.of(length), compared, rounds, tell);
            shares.add(measured.get(0));
            rows.addAll(measured);
        }
        if (shares.size() > 1) {
            rows.add(slowestToFastest(shares));
        }
        return rows;
    }

    private static boolean libtorch(Consumer<String> tell) {
        Optional<String> reason = new Libtorch().unavailable();
        reason.ifPresent(tell);
        return reason.isEmpty();
    }

    /** Shares of the peak of the same round, so that a clock that drifts from length to length does not show. */
    private Row slowestToFastest(List<Row> shares) {
        double slowest = shares.stream().mapToDouble(Row::value).min().orElseThrow();
        double fastest = shares.stream().mapToDouble(Row::value).max().orElseThrow();
        String setting = "backend=" + backendName + " pass=step hidden=512 heads=8 precision=fp32 threads=1";
        return Row.atLeast(setting, "slowestToFastest", slowest / fastest, "1", SLOWEST_TO_FASTEST);
    }

    private List<Row> length(StepCase step, boolean libtorch, int rounds, Consumer<String> tell) {
        tell.accept(step.setting());
        RandomTokens tokens = step.randomTokens();
        try (StepModel ours = new StepModel(backendName, step.threads(), step.settings(), tokens);
                MatrixPeak peak = new MatrixPeak(backendName, step.precision(), step.threads())) {
            Contest contest = new Contest();
            contest.enter(OURS, () -> step.tokens() / ours.seconds());
            if (!libtorch) {
                return rows(step, ours, false, fight(contest, step, peak, rounds, tell));
            }
            new Libtorch().threads(step.threads());
            try (LibtorchGpt theirs = new LibtorchGpt(ours.shape(), ours::values)) {
                contest.enter(LIBTORCH, Stopwatch.rate(step.tokens(), () -> {
                    theirs.step(tokens.tokens(), tokens.labels(), ours.learningRate());
                }));
                return rows(step, ours, true, fight(contest, step, peak, rounds, tell));
            }
        }
    }

    private static Contest.Outcome fight(
            Contest contest, StepCase step, MatrixPeak peak, int rounds, Consumer<String> tell) {
        if (step.length() <= WARM_UP_LENGTH) {
            contest.warmUp(tell);
        }
        contest.enter(PEAK, peak::flopsPerSecond);
        return contest.run(rounds, tell);
    }

    private List<Row> rows(StepCase step, StepModel ours, boolean libtorch, Contest.Outcome outcome) {
        String setting = "backend=" + backendName + " " + step.setting();
        double share = outcome.ratio(OURS, PEAK) / step.tokens();
        double hardware = share * ours.hardwareFlops();
        double model = share * ours.modelFlops();
        List<Row> rows = new ArrayList<>();
        Optional<Double> bar = Optional.ofNullable(MODEL_TO_PEAK.get(step.length()));
        rows.add(
                bar.isPresent()
                        ? Row.atLeast(setting, "hardwareToPeak", hardware, "1", HARDWARE_TO_PEAK)
                        : Row.of(setting, "hardwareToPeak", hardware, "1"));
        rows.add(
                bar.isPresent()
                        ? Row.atLeast(setting, "modelToPeak", model, "1", bar.get())
                        : Row.of(setting, "modelToPeak", model, "1"));
        rows.add(Row.of(setting, "tokensPerSecond", outcome.median(OURS), "1/s"));
        rows.add(Row.of(setting, "peak", outcome.median(PEAK) / 1e9, "GFLOP/s"));
        if (libtorch) {
            rows.add(Row.atLeast(setting, "ratioToLibtorch", outcome.ratio(OURS, LIBTORCH), "1", RATIO_TO_LIBTORCH));
        }
        return rows;
    }
}
