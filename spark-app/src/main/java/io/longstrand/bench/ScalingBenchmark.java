package io.longstrand.bench;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.mesh.SequenceCut;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.TrainingMemory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What two ranks in processes of their own, one thread each, gain over one process with one thread at the same step, as a
 * share of what two processes gain at plain matrix products on this machine. All of them are there from the beginning and
 * measured in turn, so that only the ratios of one round are compared.
 */
public final class ScalingBenchmark implements Benchmark {
    private static final int ROUNDS = 3;
    private static final int ALL_REDUCE_BYTES = 64 << 20;
    /** All-reduces are short, and a machine's other work shows in single ones. */
    private static final int ALL_REDUCE_ROUNDS = 15;

    private static final double ALL_REDUCE_TO_SOCKET = 0.7;
    private static final double LENGTH_TWO_RANKS = 1.9;
    private static final long BUDGET_BYTES = 512L << 20;
    /** Of bytes sent and held: what the formulas leave out. */
    private static final double TOLERANCE = 0.01;

    private static final String ONE = "one";
    private static final String TWO = "two";
    private static final String MACHINE_ONE = "machine1";
    private static final String MACHINE_TWO = "machine2";
    private static final String ALL_REDUCE = "all-reduce";
    private static final String ZIGZAG = "zigzag";
    private static final List<String> CASES = List.of("speed", "length", ALL_REDUCE, ZIGZAG);
    private static final SequenceCut OVER_FOUR = new SequenceCut(16_384, 4, 1);
    private static final double ZIGZAG_BALANCE = 1.05;

    private final String backendName;

    /** @param backendName the backend measured */
    public ScalingBenchmark(String backendName) {
        this.backendName = backendName;
    }

    @Override
    public String name() {
        return "scaling";
    }

    @Override
    public String description() {
        return "two ranks against one: speed by way of sharing a step, memory, bytes sent, all-reduce";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option(
                        "cases",
                        "speed: two ranks against one, what they hold and send; length: the longest sequence;"
                                + " all-reduce: against a socket; zigzag: how equally a ring shares causal attention; all"),
                new Option(
                        "modes",
                        "of the case speed: "
                                + String.join(
                                        ", ",
                                        ScalingCase.all().stream()
                                                .map(ScalingCase::mode)
                                                .toList())
                                + "; all"),
                new Option("rounds", "how often everybody is measured; " + ROUNDS));
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<String> cases = selection.words("cases", CASES);
        int rounds = selection.number("rounds", ROUNDS);
        List<String> modes = selection.words(
                "modes", ScalingCase.all().stream().map(ScalingCase::mode).toList());
        List<Row> rows = new ArrayList<>();
        if (cases.contains("speed")) {
            try (RankCrew alone = new RankCrew(backendName, 1);
                    RankCrew together = new RankCrew(backendName, ScalingCase.RANKS)) {
                for (ScalingCase shared : ScalingCase.all()) {
                    if (modes.contains(shared.mode())) {
                        rows.addAll(speed(shared, alone, together, rounds, tell));
                    }
                }
            }
        }
        if (cases.contains("length")) {
            rows.add(length("parallel.context", tell));
            rows.add(length("parallel.head", tell));
        }
        if (cases.contains(ALL_REDUCE)) {
            try (RankCrew together = new RankCrew(backendName, ScalingCase.RANKS)) {
                rows.add(allReduce(together, tell));
            }
        }
        if (cases.contains(ZIGZAG)) {
            rows.add(zigzag(rounds, tell));
        }
        return rows;
    }

    private List<Row> speed(ScalingCase shared, RankCrew alone, RankCrew together, int rounds, Consumer<String> tell) {
        String setting = shared.setting(backendName);
        tell.accept(setting);
        alone.ask(shared.alone());
        together.ask(shared.shared());
        Contest contest = new Contest();
        contest.enter(ONE, () -> shared.tokens() / alone.slowest("step"));
        contest.enter(TWO, () -> shared.tokens() / together.slowest("step"));
        contest.warmUp(tell);
        contest.enter(MACHINE_ONE, () -> 1 / alone.slowest("multiply"));
        contest.enter(MACHINE_TWO, () -> together.size() / together.slowest("multiply"));
        Contest.Outcome outcome = contest.run(rounds, tell);
        double speedup = outcome.ratio(TWO, ONE);
        double machine = outcome.ratio(MACHINE_TWO, MACHINE_ONE);
        return List.of(
                Row.of(setting, "tokensPerSecond", outcome.median(TWO), "1/s"),
                Row.of(setting, "speedup", speedup, "1"),
                Row.of(setting, "machineSpeedup", machine, "1"),
                Row.atLeast(setting, "speedupToMachine", speedup / machine, "1", shared.bar()),
                Row.near(setting, "stateToFormula", together.ask("state").get(0) / shared.stateBytes(), TOLERANCE),
                Row.near(
                        setting,
                        "sentToFormula",
                        sent(together) / shared.sent().applyAsDouble(shared.formulas()),
                        TOLERANCE));
    }

    /** Bytes the first rank sends in one step. */
    private static double sent(RankCrew ranks) {
        double before = ranks.ask("sent").get(0);
        ranks.ask("step");
        return ranks.ask("sent").get(0) - before;
    }

    /** Two ranks with the budget that one has; the state is shared by both, as all of its stages can do. */
    private Row length(String axis, Consumer<String> tell) {
        List<String> model =
                List.of("model.layers=2", "model.hidden=512", "model.heads=8", "memory.device-budget=" + BUDGET_BYTES);
        int one = longest(model);
        List<String> shared = new ArrayList<>(model);
        shared.addAll(List.of(axis + "=" + ScalingCase.RANKS, "zero.stage=3"));
        int two = longest(shared);
        String setting = "backend=" + backendName + " layout=" + axis
                + "=2,zero.stage=3 layers=2 hidden=512 heads=8 budget=" + (BUDGET_BYTES >> 20) + "MiB precision=fp32";
        tell.accept(setting + ": " + two + " tokens, one rank " + one);
        return Row.atLeast(setting, "lengthTwoRanks", (double) two / one, "1", LENGTH_TWO_RANKS);
    }

    /** The longest sequence of which a step fits by plan. @param settings {@code key=value}: model, budget and layout */
    private int longest(List<String> settings) {
        List<String> all = new ArrayList<>(settings);
        all.add("data.sequence-length=" + MemoryPlanner.SHORTEST.sequenceLength());
        all.add("train.micro-batch=1");
        TrainingMemory memory =
                new TrainingMemory(new ConfigurationLoader().load(Optional.empty(), all), ScalingCase.VOCABULARY);
        try (Backend backend = new Backends().open(backendName, new BackendProvider.Options(1))) {
            return memory.planner(backend).longestSequence(1, memory.budget()).orElseThrow();
        }
    }

    private Row allReduce(RankCrew together, Consumer<String> tell) {
        String setting = "operation=all-reduce bytes=" + ALL_REDUCE_BYTES + " ranks=" + together.size();
        tell.accept(setting);
        Contest contest = new Contest();
        contest.enter(ALL_REDUCE, () -> 1 / together.slowest("all-reduce " + ALL_REDUCE_BYTES));
        contest.enter("copy", () -> 1 / together.slowest("copy " + ALL_REDUCE_BYTES));
        contest.warmUp(tell);
        double ratio = contest.run(ALL_REDUCE_ROUNDS, tell).ratio(ALL_REDUCE, "copy");
        return Row.atLeast(setting, "allReduceToSocket", ratio, "1", ALL_REDUCE_TO_SOCKET);
    }

    /** The ranks of a ring one after the other: how much longer than the mean the slowest attends. */
    private Row zigzag(int rounds, Consumer<String> tell) {
        String setting = "backend=" + backendName + " mode=ring ranks=" + OVER_FOUR.context() + " mask=causal S="
                + OVER_FOUR.length() + " d=64 pass=forward+backward precision=fp32 threads=1";
        tell.accept(setting);
        List<RingShare> shares = new ArrayList<>();
        try {
            Contest contest = new Contest();
            for (int rank = 0; rank < OVER_FOUR.context(); rank++) {
                RingShare share = new RingShare(backendName, OVER_FOUR, rank);
                shares.add(share);
                contest.enter("rank" + rank, () -> 1 / share.seconds());
            }
            contest.warmUp(tell);
            Contest.Outcome outcome = contest.run(rounds, tell);
            List<Double> seconds = outcome.rates().keySet().stream()
                    .map(rank -> 1 / outcome.median(rank))
                    .toList();
            double mean =
                    seconds.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            double balance = Collections.max(seconds) / mean;
            return Row.atMost(setting, "zigzagBalance", balance, "1", ZIGZAG_BALANCE);
        } finally {
            shares.forEach(RingShare::close);
        }
    }
}
