package io.longstrand.bench;

import io.longstrand.bench.peer.KernelShape;
import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchKernels;
import io.longstrand.plan.PeakProbe;
import io.longstrand.plan.ProductShape;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/**
 * Every kernel of the contract but matrix products, over activations that fit a core's cache (256 tokens) and that do
 * not (8,192 tokens): bytes or operations per second, the share of this machine's limit, and how it compares with the
 * same work in libtorch and ND4J. The limit is the least time the kernel's bytes and operations take ({@link KernelCost})
 * at what the machine copies or adds, the more of the two, over as many bytes, and computes in matrix products.
 */
public final class KernelBenchmark implements Benchmark {
    private static final List<String> KERNELS =
            List.copyOf(KernelCost.all(new KernelShape(1, 1), DataType.BFLOAT16).keySet());
    private static final List<String> PRECISIONS = List.of("fp32", "bf16");
    private static final List<Integer> ROWS = List.of(256, 8192);
    private static final int COLUMNS = 512;
    private static final int ROUNDS = 5;
    private static final int WARM_UPS = 6;
    /** What one timing repeats a kernel for. */
    private static final long WINDOW = 20_000_000;

    private static final double RATIO_TO_LIBTORCH = 1.0;

    private static final String OURS = "longstrand";
    private static final String LIBTORCH = "libtorch";
    private static final String ND4J = "nd4j";
    private static final String COPY = "copy";
    private static final String ADD = "add";

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
        return "elementwise kernels, against this machine's limits, libtorch and ND4J";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("kernels", "all of " + String.join(", ", KERNELS)),
                new Option("precisions", "fp32, bf16; both"),
                new Option("rows", "tokens of the activations; " + ROWS),
                new Option("contenders", "longstrand, which is always there; libtorch, nd4j (fp32 only); all"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<String> selected = selection.words("kernels", KERNELS);
        List<String> contenders = new ArrayList<>(selection.words("contenders", List.of(OURS, LIBTORCH, ND4J)));
        int rounds = selection.number("rounds", ROUNDS);
        Optional<String> reason = new Libtorch().unavailable();
        if (contenders.contains(LIBTORCH) && reason.isPresent()) {
            tell.accept(reason.get());
            contenders.remove(LIBTORCH);
        }
        List<Row> rows = new ArrayList<>();
        for (String precision : selection.words("precisions", PRECISIONS)) {
            for (int count : selection.numbers("rows", ROWS)) {
                KernelShape shape = new KernelShape(count, COLUMNS);
                try (Field field = new Field(shape, precision, contenders)) {
                    for (String kernel : selected) {
                        if (field.costs.containsKey(kernel)) {
                            rows.addAll(field.measure(kernel, rounds, tell));
                        }
                    }
                }
            }
        }
        return rows;
    }

    /** Everybody with the operands of one shape and precision. */
    private final class Field implements AutoCloseable {
        private final String precision;
        private final Map<String, KernelCost> costs;
        private final Backend products;
        private final KernelSet ours;
        private final Optional<LibtorchKernels> libtorch;
        private final Optional<KernelSet> nd4j;

        private Field(KernelShape shape, String precision, List<String> contenders) {
            this.precision = precision;
            boolean bfloat16 = precision.equals("bf16");
            DataType type = bfloat16 ? DataType.BFLOAT16 : DataType.FLOAT32;
            costs = KernelCost.all(shape, type);
            products = new Backends().open(backendName, new BackendProvider.Options(1));
            ours = new KernelSet(backendName, 1, shape, type);
            if (contenders.contains(LIBTORCH)) {
                new Libtorch().threads(1);
                libtorch = Optional.of(new LibtorchKernels(shape, bfloat16));
            } else {
                libtorch = Optional.empty();
            }
            nd4j = contenders.contains(ND4J) && !bfloat16
                    ? Optional.of(new KernelSet(ND4J, 1, shape, type))
                    : Optional.empty();
        }

        private List<Row> measure(String kernel, int rounds, Consumer<String> tell) {
            KernelCost cost = costs.get(kernel);
            String setting = "backend=" + backendName + " kernel=" + kernel + " rows=" + cost.rows() + " columns="
                    + cost.columns() + " precision=" + precision + " threads=1";
            tell.accept(setting);
            Contest contest = new Contest();
            contest.enter(COPY, moved(COPY));
            contest.enter(ADD, moved(ADD));
            contest.enter("operations", this::operations);
            contest.enter(OURS, calls(() -> ours.run(kernel)));
            libtorch.ifPresent(theirs -> contest.enter(LIBTORCH, calls(() -> theirs.run(kernel))));
            nd4j.ifPresent(theirs -> contest.enter(ND4J, calls(() -> theirs.run(kernel))));
            for (int i = 0; i < WARM_UPS; i++) {
                contest.warmUp(tell);
            }
            return rows(setting, cost, contest.run(rounds, tell));
        }

        /** Calls a second. */
        private DoubleSupplier calls(Runnable call) {
            return Stopwatch.sustained(1, WINDOW, call);
        }

        /** Bytes a second. */
        private DoubleSupplier moved(String kernel) {
            return Stopwatch.sustained(costs.get(kernel).bytes(), WINDOW, () -> ours.run(kernel));
        }

        /** FLOP/s of float32 products that fit the cache: what the vector units compute. */
        private double operations() {
            return new PeakProbe()
                    .flopsPerSecond(
                            products, DataType.FLOAT32, ProductShape.all().get(0));
        }

        @Override
        public void close() {
            nd4j.ifPresent(KernelSet::close);
            libtorch.ifPresent(LibtorchKernels::close);
            ours.close();
            products.close();
        }
    }

    private static List<Row> rows(String setting, KernelCost cost, Contest.Outcome outcome) {
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of(setting, "bandwidth", outcome.median(OURS) * cost.bytes() / 1e9, "GB/s"));
        if (cost.operations() > 0) {
            rows.add(Row.of(setting, "operations", outcome.median(OURS) * cost.operations() / 1e9, "GFLOP/s"));
        }
        rows.add(Row.of(setting, "toLimit", toLimit(cost, outcome), "1"));
        if (outcome.rates().containsKey(LIBTORCH)) {
            rows.add(Row.atLeast(setting, "ratioToLibtorch", outcome.ratio(OURS, LIBTORCH), "1", RATIO_TO_LIBTORCH));
        }
        if (outcome.rates().containsKey(ND4J)) {
            rows.add(Row.of(setting, "ratioToNd4j", outcome.ratio(OURS, ND4J), "1"));
        }
        return rows;
    }

    /** The median over the rounds of the least time over the time taken. */
    private static double toLimit(KernelCost cost, Contest.Outcome outcome) {
        List<Double> shares = new ArrayList<>();
        Map<String, List<Double>> rates = outcome.rates();
        for (int round = 0; round < rates.get(OURS).size(); round++) {
            double bandwidth =
                    Math.max(rates.get(COPY).get(round), rates.get(ADD).get(round));
            double least = cost.leastSeconds(bandwidth, rates.get("operations").get(round));
            shares.add(least * rates.get(OURS).get(round));
        }
        return Contest.median(shares);
    }
}
