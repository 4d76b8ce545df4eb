package io.longstrand.train;

import io.longstrand.comm.World;
import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.TrainSection.OptimiserSection;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.FlopCount;
import io.longstrand.model.LossSum;
import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.storage.ScratchDisk;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.zero.RandomInitialization;
import io.longstrand.zero.StateVector;
import io.longstrand.zero.TrainableModel;
import java.util.List;
import java.util.Optional;

/** A configured model with its own backend and arenas, trained on the same random tokens step after step. */
public final class StepModel implements AutoCloseable {
    private static final double LEARNING_RATE = 1e-3;
    private static final List<String> STATE = List.of("parameters", "gradients", "optimizer state");

    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final TrainingMemory memory;
    private final TrainableModel model;
    private final AdamW optimizer;
    private final GradientClipping clipping;
    private final boolean countsTokens;
    private long steps;

    /**
     * Plans the memory and takes it.
     *
     * @param backendName what computes
     * @param threads its lanes
     * @param settings of the configuration, {@code key=value}
     * @param tokens what is trained on, as long and as many as the configuration says
     * @throws io.longstrand.config.UserError when the configuration cannot run, or not within its budget
     */
    public StepModel(String backendName, int threads, List<String> settings, RandomTokens tokens) {
        this(backendName, new BackendProvider.Options(threads), settings, tokens);
    }

    /** The same. @param options of the backend: its lanes and its device */
    public StepModel(String backendName, BackendProvider.Options options, List<String> settings, RandomTokens tokens) {
        // One rank alone tells nobody anything.
        this(backendName, options, settings, tokens, World.rehearsal(0, 1));
    }

    /** The same as one of several ranks. @param world outlives the model */
    public StepModel(String backendName, int threads, List<String> settings, RandomTokens tokens, World world) {
        this(backendName, new BackendProvider.Options(threads), settings, tokens, world);
    }

    private StepModel(
            String backendName,
            BackendProvider.Options options,
            List<String> settings,
            RandomTokens tokens,
            World world) {
        RunConfiguration configuration = new ConfigurationLoader().load(Optional.empty(), settings);
        memory = new TrainingMemory(configuration, tokens.vocabulary(), world);
        backend = new Backends().open(backendName, options);
        MemoryPlan plan = memory.plan(backend);
        device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
        host = new Arena(backend, Place.HOST, plan.hostBytes());
        backend.reserveScratch(plan.scratch(), memory.budget().deviceBytes() - device.budget());
        model = memory.take(backend, device, host, world, ScratchDisk.local());
        model.state().initialize(new RandomInitialization(1), host);
        OptimiserSection settled = configuration.train().optimiser();
        optimizer = model.state()
                .optimizer(
                        new AdamW.Settings(settled.beta1(), settled.beta2(), settled.epsilon(), settled.weightDecay()));
        clipping = new GradientClipping(settled.clipNorm());
        countsTokens = Mesh.configured(configuration.parallel())
                .coordinates(world.rank())
                .countsTokens();
        tokens.put(model.batch());
    }

    /** Forward, backward, clipping, AdamW. @return the mean loss before the update, in nats */
    public double step() {
        LossSum own = gradients();
        double counted = countsTokens ? 1 : 0;
        double[] totals = model.sums()
                .of(
                        counted * own.negativeLogLikelihood(),
                        counted * own.validLabels(),
                        model.state().gradientSquares());
        double scale = 1.0 / totals[1];
        double norm = Math.sqrt(totals[2]) * scale;
        model.state().update(optimizer, ++steps, LEARNING_RATE, scale * clipping.factor(norm));
        backend.synchronize();
        return totals[0] * scale;
    }

    /** Forward and backward alone: leaves the sums of the gradients. */
    public LossSum gradients() {
        model.state().zeroGradients();
        LossSum loss = model.accumulate(true);
        model.state().settleGradients();
        return loss;
    }

    /** Seconds of one step. */
    public double seconds() {
        long start = System.nanoTime();
        step();
        return (System.nanoTime() - start) * 1e-9;
    }

    /** The learning rate of every step. */
    public double learningRate() {
        return LEARNING_RATE;
    }

    public ModelShape shape() {
        return memory.shape();
    }

    /** FLOPs the model asks for, of one step. */
    public double modelFlops() {
        return new FlopCount(memory.shape())
                .model(model.batch().tokenCount(), model.batch().pairs());
    }

    /** FLOPs one step executes. */
    public double hardwareFlops() {
        return memory.flops().hardware(model.batch().tokenCount(), model.batch().pairs());
    }

    /** Most device bytes in use so far, the kernels' scratch included. */
    public long devicePeak() {
        return device.peak() + backend.scratchBytes();
    }

    /** Device bytes of parameters, gradients and optimiser state. */
    public long stateBytes() {
        return STATE.stream()
                .mapToLong(owner -> device.ownersAtPeak().getOrDefault(owner, 0L))
                .sum();
    }

    /** Most bytes of host memory in use so far. */
    public long hostPeak() {
        return host.peak();
    }

    /** A parameter's elements, row by row. */
    public float[] values(Parameter parameter) {
        return read(model.state().masters().values(), parameter);
    }

    /** The summed gradient of a parameter, row by row. */
    public float[] gradient(Parameter parameter) {
        return read(model.state().gradients(), parameter);
    }

    private float[] read(StateVector vector, Parameter parameter) {
        float[] values = new float[Math.toIntExact(parameter.elements())];
        try (Arena staging = new Arena(backend, Place.HOST, 4 * parameter.elements())) {
            Tensor received = staging.allocate("staging", DataType.FLOAT32, 1, parameter.elements());
            backend.kernels().copy(vector.of(parameter), received);
            backend.synchronize();
            received.hostBytes().asFloatBuffer().get(values);
        }
        return values;
    }

    @Override
    public void close() {
        model.close();
        host.close();
        device.close();
        backend.close();
    }
}
