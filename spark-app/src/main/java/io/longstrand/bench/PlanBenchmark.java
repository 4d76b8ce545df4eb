package io.longstrand.bench;

import io.longstrand.config.UserError;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.published.GptSize;
import io.longstrand.plan.published.LengthFit;
import io.longstrand.plan.published.PeerConstants;
import io.longstrand.plan.published.PeerStep;
import io.longstrand.plan.published.PeerSystem;
import io.longstrand.plan.published.PublishedLength;
import io.longstrand.plan.published.PublishedThroughput;
import io.longstrand.plan.published.ThroughputFit;
import io.longstrand.report.BarChart;
import io.longstrand.train.LongestSequences;
import io.longstrand.train.LongestSequences.Longest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Plans against what was published: the longest sequences and throughput of other systems on A100 GPUs, by formulas whose
 * two constants a system are fitted here on the lengths of one model and tried on those of the other; and what
 * Longstrand's own step holds on the same GPUs, rehearsed. Nothing runs on a GPU.
 */
public final class PlanBenchmark implements Benchmark {
    private static final String LONGSTRAND = "longstrand";
    private static final List<String> SYSTEMS = Stream.concat(
                    Arrays.stream(PeerSystem.values()).map(PeerSystem::text), Stream.of(LONGSTRAND))
            .toList();
    private static final List<String> LEVERS =
            Arrays.stream(LongstrandLevers.values()).map(LongstrandLevers::text).toList();
    private static final List<GptSize> MODELS = List.of(GptSize.of25B(), GptSize.of33B());
    private static final List<Integer> GPUS = List.of(32, 64, 128);
    private static final String DEVICE = "a100-40g";
    private static final String FITTED = "25B";

    private static final double TOLERANCE = 0.25;
    private static final String LONGEST_SEQUENCE = "longestSequence";
    private static final String PUBLISHED = "published";
    private static final String PLOT = "plot";
    private static final String Y_TITLE = "longest sequence, thousands (1024) of tokens";
    private static final String TO_PUBLISHED = "toPublished";
    private static final int THOUSAND = 1024;
    /** The longest published: Longstrand must hold more of the same model on as many GPUs. */
    private static final int LONGEST_PUBLISHED = 512 * THOUSAND;

    private static final int OFFLOAD_GPUS = 32;
    private static final int OFFLOAD_LENGTH = 420 * THOUSAND;
    private static final double OFFLOAD_TERAFLOPS = 81.8;
    private static final int OFFLOAD_FROM_LENGTH = 128 * THOUSAND;
    private static final double OFFLOAD_FROM_TERAFLOPS = 105;

    private final ClusterProfile cluster = ClusterProfile.named(DEVICE);

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String description() {
        return "planned against published: the longest sequences of 25B and 33B models on 32 to 128 A100; nothing runs";
    }

    @Override
    public List<Option> options() {
        return List.of(
                new Option("systems", String.join(", ", SYSTEMS) + "; all of them"),
                new Option("models", "25B, 33B; both"),
                new Option("gpus", "for longstrand; " + join(GPUS)),
                new Option("levers", "of longstrand: " + String.join(", ", LEVERS) + "; all of them"),
                new Option(PLOT, "file.svg: published lengths beside longstrand's with all levers; none"));
    }

    private static String join(List<Integer> numbers) {
        return String.join(", ", numbers.stream().map(String::valueOf).toList());
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        List<String> systems = selection.words("systems", SYSTEMS);
        List<String> models =
                selection.words("models", MODELS.stream().map(GptSize::name).toList());
        List<Row> rows = new ArrayList<>();
        for (PeerSystem system : PeerSystem.values()) {
            if (systems.contains(system.text())) {
                rows.addAll(lengths(system, models, tell));
                rows.addAll(throughput(system));
            }
        }
        if (systems.contains(PeerSystem.MEGATRON_DEEPSPEED_2023.text())) {
            rows.addAll(offload());
        }
        if (systems.contains(LONGSTRAND)) {
            rows.addAll(longstrand(selection, models, tell));
        }
        selection.file(PLOT).ifPresent(file -> plot(rows, file));
        return rows;
    }

    /** Lengths of all systems on all numbers of GPUs that are among the rows. */
    private static void plot(List<Row> rows, Path file) {
        List<String> groups = new ArrayList<>();
        Map<String, List<Double>> series = new LinkedHashMap<>();
        for (GptSize model : MODELS) {
            for (int gpus : GPUS) {
                groups.add(model.name() + ", " + gpus + " GPUs");
                for (String system : SYSTEMS) {
                    series.computeIfAbsent(system, any -> new ArrayList<>())
                            .add(drawn(rows, setting(model, system, gpus), system.equals(LONGSTRAND)));
                }
            }
        }
        try {
            Files.writeString(file, new BarChart(Y_TITLE, groups, series).svg());
        } catch (IOException e) {
            throw new UserError("bench plan: 'plot=" + file + "' cannot be written (" + e + ")", e);
        }
    }

    private static double drawn(List<Row> rows, String setting, boolean planned) {
        String drawn = planned ? setting + " levers=" + LongstrandLevers.ALL.text() : setting;
        String figure = planned ? LONGEST_SEQUENCE : PUBLISHED;
        return rows.stream()
                .filter(row -> row.setting().equals(drawn) && row.figure().equals(figure))
                .mapToDouble(row -> row.value() / THOUSAND)
                .findFirst()
                .orElse(0);
    }

    /** The 18 lengths: predicted, published, and the one divided by the other. */
    private List<Row> lengths(PeerSystem system, List<String> models, Consumer<String> tell) {
        PeerConstants constants = new LengthFit(cluster, FITTED).of(system, PublishedLength.all());
        String fitted = "system=" + system.text() + " fitted=" + FITTED;
        List<Row> rows = new ArrayList<>(List.of(
                Row.of(fitted, "workingFactor", constants.workingFactor(), "1"),
                Row.of(fitted, "reservedBytes", constants.reservedBytes(), "bytes")));
        for (PublishedLength published : PublishedLength.all()) {
            if (published.system() != system
                    || !models.contains(published.model().name())) {
                continue;
            }
            long predicted = system.longest(published.model(), published.gpus(), cluster, constants);
            String setting = setting(published.model(), system.text(), published.gpus());
            double ratio = (double) predicted / published.tokens();
            rows.add(Row.of(setting, LONGEST_SEQUENCE, predicted, "tokens"));
            rows.add(Row.of(setting, PUBLISHED, published.tokens(), "tokens"));
            rows.add(Row.near(setting, TO_PUBLISHED, ratio, TOLERANCE));
            if (Math.abs(ratio - 1) > TOLERANCE) {
                tell.accept(setting + ": " + new Deviation(cluster, constants).of(published));
            }
        }
        return rows;
    }

    private static String setting(GptSize model, String system, int gpus) {
        return "model=" + model.name() + " system=" + system + " gpus=" + gpus + " device=" + DEVICE;
    }

    /** The published throughput, with the share of the peak that fits it best. */
    private List<Row> throughput(PeerSystem system) {
        List<PublishedThroughput> table = PublishedThroughput.all().stream()
                .filter(row -> row.system() == system)
                .toList();
        if (table.isEmpty()) {
            return List.of();
        }
        PeerStep step = new PeerStep(cluster, GptSize.of25B(), PublishedThroughput.GPUS);
        double share = new ThroughputFit(step).of(system, table);
        List<Row> rows = new ArrayList<>(
                List.of(Row.of("system=" + system.text() + " fitted=throughput", "productShare", share, "1")));
        for (PublishedThroughput row : table) {
            String setting = setting(GptSize.of25B(), system.text(), PublishedThroughput.GPUS) + " S=" + row.tokens();
            double predicted = step.teraflops(system, row.tokens(), share);
            rows.add(Row.of(setting, "throughput", predicted, "TFLOP/s"));
            row.teraflops().ifPresent(published -> {
                rows.add(Row.of(setting, PUBLISHED, published, "TFLOP/s"));
                rows.add(Row.of(setting, TO_PUBLISHED, predicted / published, "1"));
            });
        }
        return rows;
    }

    /** ZeRO-Offload, with the constants of the system without it. */
    private List<Row> offload() {
        PeerSystem system = PeerSystem.MEGATRON_DEEPSPEED_2023;
        GptSize model = GptSize.of25B();
        PeerConstants constants = new LengthFit(cluster, FITTED).of(system, PublishedLength.all());
        long predicted = system.longestWithOffload(model, OFFLOAD_GPUS, cluster, constants);
        PeerStep step = new PeerStep(cluster, model, OFFLOAD_GPUS);
        double share = new ThroughputFit(step).of(system, PublishedThroughput.all());
        String setting = setting(model, system.text(), OFFLOAD_GPUS) + " offload=optimizer";
        List<Row> rows = new ArrayList<>(List.of(
                Row.of(setting, LONGEST_SEQUENCE, predicted, "tokens"),
                Row.of(setting, PUBLISHED, OFFLOAD_LENGTH, "tokens"),
                Row.near(setting, TO_PUBLISHED, (double) predicted / OFFLOAD_LENGTH, TOLERANCE)));
        rows.addAll(throughput(
                setting,
                step.teraflops(system, OFFLOAD_FROM_LENGTH, share),
                OFFLOAD_FROM_LENGTH,
                OFFLOAD_FROM_TERAFLOPS));
        rows.addAll(
                throughput(setting, step.teraflops(system, OFFLOAD_LENGTH, share), OFFLOAD_LENGTH, OFFLOAD_TERAFLOPS));
        return rows;
    }

    private static List<Row> throughput(String setting, double predicted, int length, double published) {
        String ofLength = setting + " S=" + length;
        return List.of(
                Row.of(ofLength, "throughput", predicted, "TFLOP/s"),
                Row.of(ofLength, PUBLISHED, published, "TFLOP/s"),
                Row.of(ofLength, TO_PUBLISHED, predicted / published, "1"));
    }

    private List<Row> longstrand(Selection selection, List<String> models, Consumer<String> tell) {
        List<String> levers = selection.words("levers", LEVERS);
        List<Row> rows = new ArrayList<>();
        for (GptSize model : MODELS) {
            for (LongstrandLevers lever : LongstrandLevers.values()) {
                if (models.contains(model.name()) && levers.contains(lever.text())) {
                    LongestSequences planner = lever.planner(model, cluster);
                    for (int gpus : selection.numbers("gpus", GPUS)) {
                        rows.addAll(longstrand(model, lever, planner.on(gpus), tell));
                    }
                }
            }
        }
        return rows;
    }

    private List<Row> longstrand(GptSize model, LongstrandLevers lever, Longest longest, Consumer<String> tell) {
        String setting = setting(model, LONGSTRAND, longest.gpus()) + " levers=" + lever.text();
        tell.accept(setting + ": " + longest.tokens() + " tokens, " + String.join(" ", longest.layout()));
        boolean compared = model.name().equals(FITTED) && longest.gpus() == 128;
        List<Row> rows = new ArrayList<>();
        rows.add(
                compared
                        ? Row.atLeast(setting, LONGEST_SEQUENCE, longest.tokens(), "tokens", LONGEST_PUBLISHED + 1)
                        : Row.of(setting, LONGEST_SEQUENCE, longest.tokens(), "tokens"));
        if (longest.tokens() > 0) {
            rows.add(Row.of(setting, "deviceBytes", longest.plan().deviceBytes(), "bytes"));
            rows.add(Row.of(setting, "hostBytes", longest.plan().hostBytes(), "bytes"));
            rows.add(Row.of(setting, "stepSeconds", longest.step().seconds(), "s"));
        }
        return rows;
    }
}
