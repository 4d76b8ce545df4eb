package io.longstrand.bench;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.model.FlopCount;
import io.longstrand.optim.AdamW;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.train.TrainingMemory;
import io.longstrand.zero.RandomInitialization;
import io.longstrand.zero.TrainableModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/**
 * A whole training step (forward, backward, clipping norm, AdamW) against the matrix products of the same machine in
 * the same minute: steps and peak are measured in turn, because a laptop's clock drifts. Hardware FLOPs count what is
 * executed, the recomputed scores of flash attention included.
 */
public final class StepBenchmark implements Benchmark {
    private static final int LENGTH = 2048;
    private static final int VOCABULARY = 70;
    private static final int THREADS = 1;
    private static final int ROUNDS = 5;
    private static final int PEAK_PRODUCTS = 5;
    private static final long PEAK_SIZE = 2048;
    private static final double BAR = 0.6;
    private static final List<String> SETTINGS = List.of(
            "model.layers=4",
            "model.hidden=512",
            "model.heads=8",
            "data.sequence-length=" + LENGTH,
            "train.micro-batch=1");

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
        return "a whole training step in fp32 on one thread, against the measured peak of matrix products";
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        RunConfiguration configuration = new ConfigurationLoader().load(Optional.empty(), SETTINGS);
        TrainingMemory memory = new TrainingMemory(configuration, VOCABULARY);
        try (Backend backend = new Backends().open(backendName, new BackendProvider.Options(THREADS))) {
            MemoryPlan plan = memory.plan(backend.kernels().lanes());
            long peakBytes = 3 * PEAK_SIZE * PEAK_SIZE * DataType.FLOAT32.bytes();
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes());
                    Arena products = new Arena(backend, Place.DEVICE, peakBytes)) {
                TrainableModel model = memory.take(backend, device, host);
                model.state().initialize(new RandomInitialization(1), host);
                fill(model);
                return measure(backend, model, new FlopCount(memory.shape()), product(backend, products), tell);
            }
        }
    }

    private List<Row> measure(
            Backend backend, TrainableModel model, FlopCount flops, MatrixProduct product, Consumer<String> tell) {
        AdamW optimizer = model.state().optimizer(new AdamW.Settings(0.9, 0.98, 1e-8, 0.1));
        long tokens = model.batch().tokenCount();
        long pairs = model.batch().pairs();
        step(backend, model, optimizer, 1);
        List<Double> hardware = new ArrayList<>();
        List<Double> useful = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            double before = peak(backend, product);
            double seconds = step(backend, model, optimizer, round + 2);
            double peak = Math.max(before, peak(backend, product));
            rates.add(flops.hardware(tokens, pairs) / seconds);
            hardware.add(rates.get(round) / peak);
            useful.add(flops.model(tokens, pairs) / seconds / peak);
            tell.accept(String.format(
                    "step %.3f s, %.1f GFLOP/s executed, peak %.1f GFLOP/s",
                    seconds, rates.get(round) / 1e9, peak / 1e9));
        }
        String setting = "backend=" + backendName + " pass=step hidden=512 heads=8 layers=4 S=" + LENGTH
                + " precision=fp32 threads=" + THREADS;
        return List.of(
                Row.atLeast(setting, "hardwareToPeak", median(hardware), "1", BAR),
                Row.of(setting, "modelToPeak", median(useful), "1"),
                Row.of(setting, "hardwareFlops", median(rates) / 1e9, "GFLOP/s"));
    }

    /** @return seconds it took */
    private static double step(Backend backend, TrainableModel model, AdamW optimizer, long number) {
        long start = System.nanoTime();
        model.state().zeroGradients();
        model.accumulate();
        double norm = Math.sqrt(model.state().gradientSquares());
        model.state().update(optimizer, number, 1e-4, 1 / Math.max(1, norm));
        backend.synchronize();
        return (System.nanoTime() - start) * 1e-9;
    }

    /** @return FLOP/s of the fastest of a few large products */
    private static double peak(Backend backend, MatrixProduct product) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < PEAK_PRODUCTS; i++) {
            long start = System.nanoTime();
            backend.kernels().matmul(product);
            backend.synchronize();
            best = Math.min(best, System.nanoTime() - start);
        }
        return 2.0 * PEAK_SIZE * PEAK_SIZE * PEAK_SIZE / (best * 1e-9);
    }

    private static MatrixProduct product(Backend backend, Arena arena) {
        Tensor left = arena.allocate("peak", DataType.FLOAT32, PEAK_SIZE, PEAK_SIZE);
        Tensor right = arena.allocate("peak", DataType.FLOAT32, PEAK_SIZE, PEAK_SIZE);
        Tensor out = arena.allocate("peak", DataType.FLOAT32, PEAK_SIZE, PEAK_SIZE);
        backend.kernels().fill(left, 0.5f);
        backend.kernels().fill(right, 0.25f);
        return MatrixProduct.of(left, right, out);
    }

    /** Random tokens: time does not depend on them. */
    private static void fill(TrainableModel model) {
        Random random = new Random(1);
        int[] tokens = random.ints(LENGTH, 0, VOCABULARY).toArray();
        int[] labels = random.ints(LENGTH, 0, VOCABULARY).toArray();
        float[] weights = new float[LENGTH];
        Arrays.fill(weights, 1);
        model.batch().put(0, tokens, labels, weights, new int[LENGTH]);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
