package io.longstrand.train;

import io.longstrand.comm.OperationKind;
import io.longstrand.comm.World;
import io.longstrand.config.AttentionSection.MaskKind;
import io.longstrand.config.AttentionSection.MaskSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.ConfiguredModel;
import io.longstrand.model.FlopCount;
import io.longstrand.model.ModelShape;
import io.longstrand.optim.AdamW;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.Rehearsal;
import io.longstrand.plan.StepCost;
import io.longstrand.plan.Workload;
import io.longstrand.storage.ScratchDisk;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.zero.ActivationPlace;
import io.longstrand.zero.StateForm;
import io.longstrand.zero.TrainableForm;
import io.longstrand.zero.TrainableModel;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** How a configuration becomes a model in memory: once for the plan, which rehearses a step, and once to train. */
public final class TrainingMemory {
    private final RunConfiguration configuration;
    private final ConfiguredModel model;
    private final int vocabulary;
    private final int rank;
    private final Optional<Place> communication;
    private final Mesh mesh;

    /** Of the first rank: none takes more. @param vocabulary token ids of the tokeniser */
    public TrainingMemory(RunConfiguration configuration, int vocabulary) {
        this(configuration, vocabulary, 0, Optional.empty());
    }

    /** @param vocabulary token ids of the tokeniser @param world of the rank whose memory it is */
    public TrainingMemory(RunConfiguration configuration, int vocabulary, World world) {
        this(configuration, vocabulary, world.rank(), Optional.of(world.place()));
    }

    private TrainingMemory(RunConfiguration configuration, int vocabulary, int rank, Optional<Place> communication) {
        this.configuration = configuration;
        this.communication = communication;
        this.model = new ConfiguredModel(configuration);
        this.vocabulary = vocabulary;
        this.rank = rank;
        this.mesh = Mesh.configured(configuration.parallel());
    }

    /** The model's shape. */
    public ModelShape shape() {
        return shape(configuration.data().sequenceLength());
    }

    /** Operations of a step. */
    public FlopCount flops() {
        return new FlopCount(shape(), ActivationForm.configured(configuration), model.attention());
    }

    /** A micro-batch as configured. */
    public Workload workload() {
        return new Workload(
                configuration.train().microBatch(), configuration.data().sequenceLength());
    }

    /** Type of activations and products. */
    public DataType type() {
        return model.type();
    }

    /**
     * Finds out what training takes.
     *
     * @param backend that will train
     */
    public MemoryPlanner planner(Backend backend) {
        Place between = communication(backend);
        return new MemoryPlanner(
                (workload, planning, device, host) -> rehearse(workload, planning, device, host, between), backend);
    }

    /**
     * What training takes.
     *
     * @param backend that will train
     * @throws io.longstrand.config.UserError when a configured budget does not hold it, saying what would fit
     */
    public MemoryPlan plan(Backend backend) {
        checkMask();
        return planner(backend).planWithin(workload(), budget());
    }

    /** @throws io.longstrand.config.UserError when a custom mask is not there or does not fit the sequences */
    public void checkMask() {
        model.masking().check(configuration.data().sequenceLength());
    }

    /**
     * What a step computes and moves, its micro-batches together. Documents are taken to be as long as a sequence, custom
     * masks to be causal.
     */
    public StepCost cost(Backend backend) {
        int microBatches = configuration.train().accumulation();
        long tokens = (long) workload().microBatch() * workload().sequenceLength();
        long pairs = workload().microBatch() * pairs(workload().sequenceLength());
        return new StepCost(microBatches * flops().hardware(tokens, pairs), microBatches * movedBytes(backend));
    }

    /** Bytes of a micro-batch between host and device. */
    private long movedBytes(Backend backend) {
        Place between = communication(backend);
        Rehearsal rehearsal = (workload, planning, device, host) -> {
            try (World world = rehearsal(between);
                    TrainableModel trainable = take(workload, planning, device, host, world, ScratchDisk.local())) {
                step(trainable, 1);
            }
        };
        return new MemoryPlanner(rehearsal, backend).movedBytes(workload());
    }

    /** Operations of attention in a step, its micro-batches together, those done again included; as {@link #cost}. */
    public double attentionFlops() {
        long pairs = workload().microBatch() * pairs(workload().sequenceLength());
        return configuration.train().accumulation() * (flops().hardware(0, pairs) - flops().hardware(0, 0));
    }

    /** Query–key pairs of one head in one sequence of one document. */
    private long pairs(long length) {
        MaskSection mask = configuration.attention().mask();
        long window = mask.kind() == MaskKind.WINDOW ? Math.min(length, mask.window()) : length;
        return window * (window + 1) / 2 + (length - window) * window;
    }

    /** What a rank may use: as configured, else three quarters of the machine's memory for the device, an eighth for the host. */
    public MemoryPlan.Budget budget() {
        long machine = new MachineMemory().bytes();
        return new MemoryPlan.Budget(
                configuration.memory().deviceBudget().orElse(machine / 4 * 3),
                configuration.memory().hostBudget().orElse(machine / 8));
    }

    /**
     * Takes state and buffers of the configured model from the arenas.
     *
     * @param world the ranks that train it together
     * @param disk for activations that leave memory
     */
    public TrainableModel take(Backend backend, Arena device, Arena host, World world, ScratchDisk disk) {
        return take(workload(), backend, device, host, world, disk);
    }

    /**
     * Bytes this rank sends in a step, by operation, without headers: what ranks tell each other of loss and norm is in
     * it.
     */
    public Map<OperationKind, Long> communicationBytes(Backend backend) {
        Map<OperationKind, Long> one = sentBytes(backend, 1);
        // Every further micro-batch sends what the second one does.
        Map<OperationKind, Long> two = sentBytes(backend, 2);
        int further = configuration.train().accumulation() - 1;
        Map<OperationKind, Long> all = new EnumMap<>(OperationKind.class);
        one.forEach((kind, bytes) -> {
            long sum = bytes + further * (two.get(kind) - bytes);
            if (sum > 0) {
                all.put(kind, sum);
            }
        });
        return all;
    }

    /** Where ranks that have joined have their tensors, or those that will, each on such a backend. */
    private Place communication(Backend backend) {
        boolean gpus = backend.deviceIdentity().isPresent();
        return communication.orElse(configuration.comm().betweenDevices(gpus) ? Place.DEVICE : Place.HOST);
    }

    private World rehearsal(Place between) {
        return World.rehearsal(rank, mesh.world(), between);
    }

    private Map<OperationKind, Long> sentBytes(Backend backend, int microBatches) {
        Map<OperationKind, Long> sent = new EnumMap<>(OperationKind.class);
        Place between = communication(backend);
        Rehearsal rehearsal = (workload, planning, device, host) -> {
            try (World world = rehearsal(between);
                    TrainableModel trainable = take(workload, planning, device, host, world, ScratchDisk.local())) {
                step(trainable, microBatches);
                world.traffic().forEach((kind, traffic) -> sent.put(kind, traffic.bytesSent()));
            }
        };
        new MemoryPlanner(rehearsal, backend).plan(workload());
        return sent;
    }

    private void rehearse(Workload workload, Backend backend, Arena device, Arena host, Place between) {
        try (World world = rehearsal(between);
                TrainableModel trainable = take(workload, backend, device, host, world, ScratchDisk.local())) {
            step(trainable, 1);
            trainable.state().rehearseTransfer(host);
            trainable.gpt().evaluate(trainable.batch());
        }
    }

    private static void step(TrainableModel trainable, int microBatches) {
        for (int left = microBatches; left > 0; left--) {
            trainable.accumulate(left == 1);
        }
        trainable.state().settleGradients();
        AdamW optimizer = trainable.state().optimizer(new AdamW.Settings(0.9, 0.99, 1e-8, 0));
        trainable.sums().of(trainable.state().gradientSquares());
        trainable.state().update(optimizer, 1, 0, 1);
    }

    private TrainableModel take(
            Workload workload, Backend backend, Arena device, Arena host, World world, ScratchDisk disk) {
        return new TrainableModel(
                backend,
                device,
                host,
                world,
                mesh,
                new TrainableForm(
                        shape(workload.sequenceLength()),
                        model.masking(),
                        model.attention(),
                        workload.microBatch(),
                        workload.sequenceLength(),
                        StateForm.configured(configuration),
                        ActivationForm.configured(configuration),
                        ActivationPlace.configured(configuration, disk)));
    }

    private ModelShape shape(int positions) {
        return model.shape(vocabulary, positions);
    }
}
