package io.longstrand.bench;

import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchKernels;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Every elementwise kernel over the activations of 8,192 tokens: bytes per second, its share of what this machine copies
 * or adds (the more of the two) in the same round, and how it compares with the same work in libtorch and ND4J.
 */
public final class KernelBenchmark implements Benchmark {
    private static final List<String> KERNELS = List.of(
            "copy",
            "fill",
            "add",
            "gelu",
            "geluBackward",
            "addColumnSums",
            "sumOfSquares",
            "layerNorm",
            "layerNormBackward",
            "adamW");
    private static final List<String> PRECISIONS = List.of("fp32", "bf16");
    private static final long ROWS = 8192;
    private static final long COLUMNS = 512;
    private static final int ROUNDS = 5;
    /** Calls one timing counts, so that the clock's own time does not show; ND4J is too slow for as many. */
    private static final int CALLS = 10;

    private static final double RATIO_TO_LIBTORCH = 1.0;

    private static final String OURS = "longstrand";
    private static final String LIBTORCH = "libtorch";
    private static final String ND4J = "nd4j";
    private static final List<String> LIMITS = List.of("copy", "add");

    private final String backendName;

    /** @param backendName the backend measured */
    public KernelBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "kernels";
    }

    @Override
    public String description() {
        return "elementwise kernels, against this machine's bandwidth, libtorch and ND4J";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("kernels", "all of " + KERNELS),
                new Option("precisions", "fp32, bf16; both"),
                new Option("contenders", "longstrand is always there; libtorch, nd4j (fp32 only)"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<String> contenders = new ArrayList<>(selection.words("contenders", List.of(LIBTORCH, ND4J)));
        Optional<String> reason = new Libtorch().unavailable();
        if (contenders.contains(LIBTORCH) && reason.isPresent()) {
            tell.accept(reason.get());
            contenders.remove(LIBTORCH);
        }
        List<Row> rows = new ArrayList<>();
        for (String precision : selection.words("precisions", PRECISIONS)) {
            boolean bfloat16 = precision.equals("bf16");
            DataType type = bfloat16 ? DataType.BFLOAT16 : DataType.FLOAT32;
            try (KernelSet ours = new KernelSet(backendName, 1, ROWS, COLUMNS, type);
                    KernelSet nd4j = new KernelSet(ND4J, 1, ROWS, COLUMNS, DataType.FLOAT32)) {
                Optional<LibtorchKernels> libtorch = Optional.empty();
                if (contenders.contains(LIBTORCH)) {
                    new Libtorch().threads(1);
                    libtorch = Optional.of(new LibtorchKernels(ROWS, COLUMNS, bfloat16));
                }
                boolean compared = contenders.contains(ND4J) && !bfloat16;
                for (String kernel : selection.words("kernels", KERNELS)) {
                    String setting = "backend=" + backendName + " kernel=" + kernel + " rows=" + ROWS + " columns="
                            + COLUMNS + " precision=" + precision + " threads=1";
                    tell.accept(setting);
                    Contest contest = new Contest();
                    for (String limit : LIMITS) {
                        contest.enter("limit " + limit, rate(ours, limit));
                    }
                    contest.enter(OURS, rate(ours, kernel));
                    libtorch.ifPresent(theirs -> contest.enter(
                            LIBTORCH, Stopwatch.rate(ours.bytes(kernel), CALLS, () -> theirs.run(kernel))));
                    if (compared) {
                        contest.enter(ND4J, Stopwatch.rate(nd4j.bytes(kernel), () -> nd4j.run(kernel)));
                    }
                    contest.warmUp(tell);
                    contest.warmUp(tell);
                    rows.addAll(rows(setting, contest.run(selection.number("rounds", ROUNDS), tell)));
                }
                libtorch.ifPresent(LibtorchKernels::close);
            }
        }
        return rows;
    }

    private static DoubleSupplier rate(KernelSet kernels, String kernel) {
        return Stopwatch.rate(kernels.bytes(kernel), CALLS, () -> kernels.run(kernel));
    }

    private static List<Row> rows(String setting, Contest.Outcome outcome) {
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of(setting, "bandwidth", outcome.median(OURS) / 1e9, "GB/s"));
        double share = LIMITS.stream()
                .mapToDouble(limit -> outcome.ratio(OURS, "limit " + limit))
                .min()
                .orElseThrow();
        rows.add(Row.of(setting, "toLimit", share, "1"));
        if (outcome.rates().containsKey(LIBTORCH)) {
            rows.add(Row.atLeast(setting, "ratioToLibtorch", outcome.ratio(OURS, LIBTORCH), "1", RATIO_TO_LIBTORCH));
        }
        if (outcome.rates().containsKey(ND4J)) {
            rows.add(Row.of(setting, "ratioToNd4j", outcome.ratio(OURS, ND4J), "1"));
        }
        return rows;
    }
}
