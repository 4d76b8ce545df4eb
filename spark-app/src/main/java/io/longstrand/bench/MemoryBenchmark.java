package io.longstrand.bench;

import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchGpt;
import io.longstrand.bench.peer.ProcessGrowth;
import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.Workload;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.RandomTokens;
import io.longstrand.train.StepModel;
import io.longstrand.train.TrainingMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The longest sequence a training step holds in a device budget: naive attention, libtorch's autograd, and ours with
 * each way of saving memory. Ours are planned, and then a step really runs at that length, within the budget, and is
 * timed. Libtorch keeps no account of its memory on a CPU: the growth of the resident process over whole steps is
 * measured ({@link ProcessGrowth}), for one length after the other.
 */
public final class MemoryBenchmark implements Benchmark {
    private static final String LIBTORCH = "libtorch";
    private static final List<String> MODES = Stream.concat(
                    Arrays.stream(MemoryMode.values()).map(MemoryMode::text).distinct(), Stream.of(LIBTORCH))
            .toList();
    private static final String RUN = "run";
    private static final String PLAN = "plan";
    private static final int BUDGET_MEBIBYTES = 512;
    private static final int LAYERS = 4;
    private static final int HIDDEN = 512;
    private static final int HEADS = 8;
    /** 3-mers and the special tokens. */
    private static final int VOCABULARY = 70;
    /** Lengths tried are multiples of it. */
    private static final int STEP = 16;
    /** A first step of these many tokens loads and compiles what is not the step's own memory. */
    private static final int WARM_UP_LENGTH = 256;
    /** Steps of libtorch: the second finds gradients and the allocator's leftovers of the first. */
    private static final int LIBTORCH_STEPS = 2;

    private static final double LENGTH_TO_NAIVE = 32;
    private static final double LONGEST_SEQUENCE = 24_000;
    private static final double FORMULA_ERROR = 0.05;

    private final String backendName;

    /** @param backendName the backend measured */
    public MemoryBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String description() {
        return "the longest sequence in a device budget: naive, libtorch, ours with each way of saving memory";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("modes", String.join(", ", MODES) + "; all of them, and lengthToNaive where naive is"),
                new Option("steps", "run: a step at each of our lengths; plan: none; run"),
                new Option("budget", "device memory in MiB; " + BUDGET_MEBIBYTES),
                new Option("layers", "of the model; " + LAYERS),
                new Option("hidden", "width of the model; " + HIDDEN),
                new Option("heads", "of each layer; " + HEADS),
                new Option("threads", "of each step; all processors"));
    }

    /** The model, the budget and what computes. */
    private record Field(long budget, int layers, int hidden, int heads, int threads) {
        /** Bars are set for one budget and one model. */
        boolean hasBars() {
            return budget == (long) BUDGET_MEBIBYTES << 20 && layers == LAYERS && hidden == HIDDEN && heads == HEADS;
        }

        String setting(MemoryMode mode) {
            return setting(mode.text(), mode.precision());
        }

        String setting(String mode, String precision) {
            return "mode=" + mode + " layers=" + layers + " hidden=" + hidden + " heads=" + heads + " budget="
                    + (budget >> 20) + "MiB precision=" + precision + " threads=" + threads;
        }

        List<String> settings(List<String> ofMode, int length) {
            List<String> settings = new ArrayList<>(List.of(
                    "model.layers=" + layers,
                    "model.hidden=" + hidden,
                    "model.heads=" + heads,
                    "data.sequence-length=" + length,
                    "train.micro-batch=1",
                    "memory.device-budget=" + budget));
            settings.addAll(ofMode);
            return settings;
        }
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        Field field = new Field(
                (long) selection.number("budget", BUDGET_MEBIBYTES) << 20,
                selection.number("layers", LAYERS),
                selection.number("hidden", HIDDEN),
                selection.number("heads", HEADS),
                selection.number("threads", Runtime.getRuntime().availableProcessors()));
        List<String> modes = selection.words("modes", MODES);
        boolean steps = selection.word("steps", List.of(RUN, PLAN)).equals(RUN);
        List<Row> rows = new ArrayList<>();
        int naive = 0;
        for (MemoryMode mode : MemoryMode.values()) {
            if (modes.contains(mode.text())) {
                int longest = longest(field, mode);
                tell.accept(field.setting(mode) + ": " + longest + " tokens");
                naive = mode == MemoryMode.NAIVE ? longest : naive;
                rows.addAll(planned(field, mode, longest, naive));
                if (steps) {
                    rows.addAll(step(field, mode, longest, tell));
                }
            }
        }
        if (modes.contains(LIBTORCH)) {
            Optional<String> reason = new Libtorch().unavailable().or(ProcessGrowth::unavailable);
            reason.ifPresent(tell);
            if (reason.isEmpty()) {
                int longest = libtorch(field, tell);
                rows.add(Row.of(field.setting(LIBTORCH, "fp32"), "longestSequence", longest, "tokens"));
                if (naive > 0) {
                    rows.add(Row.of(field.setting(LIBTORCH, "fp32"), "lengthToNaive", (double) longest / naive, "1"));
                }
            }
        }
        return rows;
    }

    /** The longest sequence of which a step fits by plan. @throws UserError when none does */
    private int longest(Field field, MemoryMode mode) {
        TrainingMemory memory = memory(field, mode, STEP);
        try (Backend backend = new Backends().open(backendName, new BackendProvider.Options(field.threads()))) {
            MemoryPlanner planner = memory.planner(backend);
            MemoryPlan.Budget budget = memory.budget();
            int longest = new LongestFit(STEP)
                    .search(length -> planner.plan(new Workload(1, length)).fits(budget));
            if (longest == 0) {
                throw new UserError("bench memory: budget=" + (field.budget() >> 20) + " MiB holds no step of mode="
                        + mode.text() + "; " + STEP + " tokens need "
                        + planner.plan(new Workload(1, STEP)).deviceBytes() + " bytes of device memory");
            }
            return longest;
        }
    }

    private static TrainingMemory memory(Field field, MemoryMode mode, int length) {
        RunConfiguration configuration =
                new ConfigurationLoader().load(Optional.empty(), field.settings(mode.settings(), length));
        return new TrainingMemory(configuration, VOCABULARY);
    }

    private static List<Row> planned(Field field, MemoryMode mode, int longest, int naive) {
        String setting = field.setting(mode);
        List<Row> rows = new ArrayList<>();
        boolean held = mode == MemoryMode.ALL && field.hasBars();
        rows.add(
                held
                        ? Row.atLeast(setting, "longestSequence", longest, "tokens", LONGEST_SEQUENCE)
                        : Row.of(setting, "longestSequence", longest, "tokens"));
        if (mode == MemoryMode.NAIVE) {
            double formula = new NaiveMemory(memory(field, mode, STEP).shape()).longestSequence(field.budget());
            rows.add(Row.atMost(setting, "formulaError", Math.abs(longest / formula - 1), "1", FORMULA_ERROR));
        } else if (naive > 0) {
            double ratio = (double) longest / naive;
            rows.add(
                    held
                            ? Row.atLeast(setting, "lengthToNaive", ratio, "1", LENGTH_TO_NAIVE)
                            : Row.of(setting, "lengthToNaive", ratio, "1"));
        }
        return rows;
    }

    /** Runs a step at that length: it holds what was planned, or fails. */
    private List<Row> step(Field field, MemoryMode mode, int length, Consumer<String> tell) {
        String setting = field.setting(mode) + " S=" + length;
        RandomTokens tokens = RandomTokens.of(1, length, VOCABULARY);
        try (StepModel model =
                new StepModel(backendName, field.threads(), field.settings(mode.settings(), length), tokens)) {
            double seconds = model.seconds();
            tell.accept(String.format("  a step of %d tokens took %.1f s", length, seconds));
            return List.of(
                    Row.atMost(setting, "devicePeak", model.devicePeak(), "bytes", field.budget()),
                    Row.of(setting, "hostPeak", model.hostPeak(), "bytes"),
                    Row.of(setting, "stepSeconds", seconds, "s"));
        }
    }

    /** The longest sequence of which steps of libtorch's autograd grow the process by no more than the budget. */
    private static int libtorch(Field field, Consumer<String> tell) {
        new Libtorch().threads(field.threads());
        grown(field, WARM_UP_LENGTH);
        int longest = new LongestFit(4 * STEP).search(length -> {
            long grown = grown(field, length);
            tell.accept(String.format("  libtorch at %d tokens: %d bytes", length, grown));
            return grown <= field.budget();
        });
        new Libtorch().threads(1);
        return longest;
    }

    private static long grown(Field field, int length) {
        RandomTokens tokens = RandomTokens.of(1, length, VOCABULARY);
        ModelShape shape = memory(field, MemoryMode.NONE, length).shape();
        return new ProcessGrowth().of(() -> {
            try (LibtorchGpt theirs = new LibtorchGpt(shape, MemoryBenchmark::initial)) {
                for (int step = 0; step < LIBTORCH_STEPS; step++) {
                    theirs.step(tokens.tokens(), tokens.labels(), 0);
                }
            }
        });
    }

    private static float[] initial(Parameter parameter) {
        float[] values = new float[Math.toIntExact(parameter.elements())];
        Arrays.fill(values, 1f / HIDDEN);
        return values;
    }
}
