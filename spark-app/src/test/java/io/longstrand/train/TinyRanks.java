package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.comm.Crew;
import io.longstrand.comm.InMemory;
import io.longstrand.comm.OperationKind;
import io.longstrand.comm.World;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.sample.SamplingSettings;
import io.longstrand.genome.sample.WindowSampler;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.mesh.Coordinates;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.optim.LearningRateSchedule;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.storage.FileStore;
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
import io.longstrand.zero.Stretch;
import io.longstrand.zero.TrainableModel;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** The ranks of a configuration, a thread each, and their first steps: training without checkpoints and scores. */
final class TinyRanks {
    /**
     * What became of it.
     *
     * @param losses of the steps
     * @param gradients of the first step, over the flat space of a rank that has everything: sums over all ranks, from
     *     whoever owns them
     * @param parameters after the last step
     * @param sent bytes of all steps by operation, by rank
     * @param planned bytes of one step by operation, by rank
     */
    record Outcome(
            List<Double> losses,
            float[] gradients,
            float[] parameters,
            List<Map<OperationKind, Long>> sent,
            List<Map<OperationKind, Long>> planned) {
        private static final double LOSS_TOLERANCE = 1e-6;
        private static final double CURVE_TOLERANCE = 1e-4;

        /**
         * Whether they train the model that one rank trains.
         *
         * @param layout of a rank that has everything
         * @param gradientTolerance of a parameter's largest gradient
         */
        void assertFollows(Outcome one, ParameterLayout layout, double gradientTolerance) {
            double first = one.losses().get(0);
            assertThat(losses.get(0)).isCloseTo(first, within(LOSS_TOLERANCE * first));
            for (Parameter parameter : layout.parameters()) {
                assertThat(distance(one.gradients(), gradients, parameter))
                        .as("gradient of %s", parameter.name())
                        .isLessThan(gradientTolerance);
            }
            for (int step = 0; step < one.losses().size(); step++) {
                assertThat(losses.get(step))
                        .as("loss of step %d", step + 1)
                        .isCloseTo(one.losses().get(step), within(CURVE_TOLERANCE));
            }
        }

        /** Whether every rank sent what was planned for it. */
        void assertSentAsPlanned() {
            for (int rank = 0; rank < sent.size(); rank++) {
                Map<OperationKind, Long> expected = new EnumMap<>(planned.get(rank));
                expected.replaceAll((kind, bytes) -> losses.size() * bytes);
                assertThat(sent.get(rank)).as("sent by rank %d", rank).isEqualTo(expected);
            }
        }

        /** Whether losses and parameters are the same bits. */
        void assertSameBits(String what, Outcome other) {
            assertThat(losses).as(what).isEqualTo(other.losses());
            assertThat(Arrays.mismatch(parameters, other.parameters())).as(what).isEqualTo(-1);
        }

        /** Largest difference of a parameter's gradients, as a share of the largest. */
        private static double distance(float[] expected, float[] actual, Parameter parameter) {
            double largest = 0;
            double difference = 0;
            for (int i = (int) parameter.offset(); i < parameter.offset() + parameter.elements(); i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
            }
            return largest == 0 ? difference : difference / largest;
        }
    }

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final RunConfiguration configuration;
    private final int steps;
    private final List<Double> losses = new ArrayList<>();
    private final List<Map<OperationKind, Long>> sent = new ArrayList<>();
    private final List<Map<OperationKind, Long>> planned = new ArrayList<>();
    private final ParameterLayout whole;
    private final float[] gradients;
    private final float[] parameters;

    private TinyRanks(RunConfiguration configuration, int steps) {
        this.configuration = configuration;
        this.steps = steps;
        int ranks = configuration.parallel().world();
        for (int rank = 0; rank < ranks; rank++) {
            sent.add(Map.of());
            planned.add(Map.of());
        }
        TrainingMemory memory =
                new TrainingMemory(configuration, KmerTokenizer.kmer(3).vocabularySize());
        whole = new ParameterLayout(memory.shape());
        int elements = (int) whole.elements();
        gradients = new float[elements];
        parameters = new float[elements];
    }

    /** Does the first steps of a run. */
    static Outcome train(RunConfiguration configuration, int steps) {
        TinyRanks ranks = new TinyRanks(configuration, steps);
        try (Crew crew = new Crew(InMemory.worlds(configuration.parallel().world(), TIMEOUT))) {
            crew.run(ranks::train);
        }
        return new Outcome(ranks.losses, ranks.gradients, ranks.parameters, ranks.sent, ranks.planned);
    }

    private void train(World world) throws IOException {
        Coordinates at = Mesh.configured(configuration.parallel()).coordinates(world.rank());
        try (PreparedData data = PreparedData.open(
                        FileStore.local(), configuration.data().directory());
                Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            TrainingMemory memory =
                    new TrainingMemory(configuration, data.tokenizer().vocabularySize(), world.rank());
            MemoryPlan plan = memory.plan(backend);
            planned.set(world.rank(), memory.communicationBytes(backend));
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes());
                    TrainableModel model = memory.take(backend, device, host, world, ScratchDisk.local());
                    WindowLoader loader = new WindowLoader(
                            new WindowSampler(
                                    data,
                                    new SamplingSettings(configuration.data().sequenceLength(), 1, true, 1)),
                            configuration.train().microBatch(),
                            at.data(),
                            configuration.parallel().data(),
                            0)) {
                backend.reserveScratch(plan.scratch(), Long.MAX_VALUE / 2);
                model.state().initialize(new RandomInitialization(1), host);
                awaitUpdates(model);
                Map<OperationKind, Long> before = sent(world);
                TrainingStep step = step(model, at, world.rank());
                for (int number = 1; number <= steps; number++) {
                    double loss = step.run(number, loader).loss().mean();
                    if (world.rank() == 0) {
                        losses.add(loss);
                    }
                    if (number == 1) {
                        read(backend, model, model.state().gradients().own(), gradients);
                    }
                }
                read(backend, model, model.state().masters().values().own(), parameters);
                awaitUpdates(model);
                sent.set(world.rank(), difference(world, before));
            } catch (RuntimeException | Error e) {
                world.close();
                throw e;
            }
        }
    }

    /** What the last update made ranks tell each other may be under way; a rank that has slices alone exchanges nothing then. */
    private void awaitUpdates(TrainableModel model) {
        for (int unit = 0;
                configuration.zero().stage() < 3
                        && unit < model.state().layout().units();
                unit++) {
            model.state().weightsView().use(unit);
            model.state().weightsView().release(unit);
        }
    }

    private TrainingStep step(TrainableModel model, Coordinates at, int rank) {
        AdamW optimizer = model.state().optimizer(new AdamW.Settings(0.9, 0.98, 1e-8, 0.1));
        return new TrainingStep(
                model,
                optimizer,
                new LearningRateSchedule(LearningRateSchedule.Kind.CONSTANT, 0.003, 0, 1, 1),
                new GradientClipping(1),
                new StepExchange(model.sums(), at, rank, new TinyRun.RecordingDriver()),
                configuration.train().accumulation(),
                1);
    }

    /** Puts this rank's slices to those of the others. */
    private void read(Backend backend, TrainableModel model, StateVector own, float[] all) {
        try (Arena staging = new Arena(backend, Place.HOST, 4L * all.length)) {
            for (Stretch stretch : own.stretches()) {
                Arena.Mark mark = staging.mark();
                int count = (int) stretch.values().columns();
                Tensor received = staging.allocate("test", DataType.FLOAT32, 1, count);
                backend.kernels().copy(stretch.values(), received);
                backend.synchronize();
                place(
                        received.hostBytes().asFloatBuffer(),
                        stretch,
                        model.state().layout(),
                        all);
                staging.release(mark);
            }
        }
    }

    /** A rank may have some rows or columns of a parameter. */
    private void place(FloatBuffer values, Stretch stretch, ParameterLayout layout, float[] all) {
        for (Parameter parameter : layout.parameters()) {
            long from = Math.max(stretch.start(), parameter.offset());
            long to = Math.min(stretch.end(), parameter.offset() + parameter.elements());
            long start = whole.named(parameter.name()).offset();
            if (from < to) {
                parameter.share().runs(from - parameter.offset(), to - parameter.offset(), (held, logical, count) -> {
                    for (long i = 0; i < count; i++) {
                        long at = parameter.offset() + held + i - stretch.start();
                        all[(int) (start + logical + i)] = values.get((int) at);
                    }
                });
            }
        }
    }

    private static Map<OperationKind, Long> sent(World world) {
        Map<OperationKind, Long> sent = new EnumMap<>(OperationKind.class);
        world.traffic().forEach((kind, traffic) -> sent.put(kind, traffic.bytesSent()));
        return sent;
    }

    private static Map<OperationKind, Long> difference(World world, Map<OperationKind, Long> before) {
        Map<OperationKind, Long> sent = sent(world);
        sent.replaceAll((kind, bytes) -> bytes - before.get(kind));
        sent.values().removeIf(bytes -> bytes == 0);
        return sent;
    }
}
