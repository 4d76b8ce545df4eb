package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.comm.Crew;
import io.longstrand.comm.DelayedWorlds;
import io.longstrand.comm.InMemory;
import io.longstrand.comm.OperationKind;
import io.longstrand.comm.World;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.sample.SamplingSettings;
import io.longstrand.genome.sample.Window;
import io.longstrand.genome.sample.WindowSampler;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.mesh.Coordinates;
import io.longstrand.mesh.Mesh;
import io.longstrand.mesh.Positions;
import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.optim.LearningRateSchedule;
import io.longstrand.parallel.Placement;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.storage.FileStore;
import io.longstrand.storage.ScratchDisk;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.DelayedBackend;
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
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** The ranks of a configuration, a thread each, and their first steps: training without checkpoints and scores. */
final class TinyRanks {
    /**
     * What became of it.
     *
     * @param logits of the first micro-batch's tokens before the first step, [sequences · length][vocabulary]
     * @param losses of the steps
     * @param gradients of the first step, over the flat space of a rank that has everything: sums over all ranks, from
     *     whoever owns them
     * @param parameters after the last step
     * @param sent bytes of all steps by operation, by rank
     * @param planned bytes of one step by operation, by rank
     */
    record Outcome(
            float[][] logits,
            List<Double> losses,
            float[] gradients,
            float[] parameters,
            List<Map<OperationKind, Long>> sent,
            List<Map<OperationKind, Long>> planned) {
        /** Of the largest logit, and of a parameter's largest gradient: sums in another order, in FLOAT32. */
        private static final double TOLERANCE = 3e-5;

        private static final double LOSS_TOLERANCE = 1e-6;
        private static final double CURVE_TOLERANCE = 1e-4;

        /**
         * Whether they train the model that one rank trains.
         *
         * @param one of at least as large a micro-batch
         * @param layout of a rank that has everything
         */
        void assertFollows(Outcome one, ParameterLayout layout) {
            for (int token = 0; token < logits.length; token++) {
                assertThat(distance(one.logits()[token], logits[token], 0, logits[token].length))
                        .as("logits of token %d", token)
                        .isLessThan(TOLERANCE);
            }
            double first = one.losses().get(0);
            assertThat(losses.get(0)).isCloseTo(first, within(LOSS_TOLERANCE * first));
            for (Parameter parameter : layout.parameters()) {
                int from = (int) parameter.offset();
                int to = (int) (parameter.offset() + parameter.elements());
                assertThat(distance(one.gradients(), gradients, from, to))
                        .as("gradient of %s", parameter.name())
                        .isLessThan(TOLERANCE);
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

        /** Whether these are the same bits as far as the shorter of both goes: logits, gradients and losses. */
        void assertBegins(Outcome longer) {
            assertThat(Arrays.deepEquals(logits, longer.logits()))
                    .as("same logits")
                    .isTrue();
            assertThat(Arrays.mismatch(gradients, longer.gradients()))
                    .as("first other gradient")
                    .isEqualTo(-1);
            assertThat(losses).isEqualTo(longer.losses().subList(0, losses.size()));
        }

        /** Whether losses and parameters are the same bits. */
        void assertSameBits(String what, Outcome other) {
            assertThat(losses).as(what).isEqualTo(other.losses());
            assertThat(Arrays.mismatch(parameters, other.parameters())).as(what).isEqualTo(-1);
        }

        /** Largest difference of some numbers, as a share of the largest of them. */
        private static double distance(float[] expected, float[] actual, int from, int to) {
            double largest = 0;
            double difference = 0;
            for (int i = from; i < to; i++) {
                largest = Math.max(largest, Math.abs(expected[i]));
                difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
            }
            return largest == 0 ? difference : difference / largest;
        }
    }

    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final RunConfiguration configuration;
    private final int steps;
    private final UnaryOperator<Backend> disguise;
    private final float[][] logits;
    private final List<Double> losses = new ArrayList<>();
    private final List<Map<OperationKind, Long>> sent = new ArrayList<>();
    private final List<Map<OperationKind, Long>> planned = new ArrayList<>();
    private final ModelShape shape;
    private final ParameterLayout whole;
    private final float[] gradients;
    private final float[] parameters;

    private TinyRanks(RunConfiguration configuration, int steps, UnaryOperator<Backend> disguise) {
        this.configuration = configuration;
        this.disguise = disguise;
        this.steps = steps;
        int ranks = configuration.parallel().world();
        for (int rank = 0; rank < ranks; rank++) {
            sent.add(Map.of());
            planned.add(Map.of());
        }
        int vocabulary = KmerTokenizer.kmer(3).vocabularySize();
        TrainingMemory memory = new TrainingMemory(configuration, vocabulary);
        int sequences = configuration.parallel().data() * configuration.train().microBatch();
        logits = new float[sequences * configuration.data().sequenceLength()][vocabulary];
        shape = memory.shape();
        whole = new ParameterLayout(shape);
        int elements = (int) whole.elements();
        gradients = new float[elements];
        parameters = new float[elements];
    }

    /** Does the first steps of a run. */
    static Outcome train(RunConfiguration configuration, int steps) {
        return train(
                configuration,
                steps,
                UnaryOperator.identity(),
                InMemory.worlds(configuration.parallel().world(), TIMEOUT));
    }

    /** The same on ranks that have joined in another way. @param join says how, of how many and with what time-out */
    static Outcome train(RunConfiguration configuration, int steps, BiFunction<Integer, Duration, List<World>> join) {
        return train(
                configuration,
                steps,
                UnaryOperator.identity(),
                join.apply(configuration.parallel().world(), TIMEOUT));
    }

    /** The same where copies and messages come late. */
    static Outcome trainLate(RunConfiguration configuration, int steps, long seed) {
        return train(
                configuration,
                steps,
                backend -> new DelayedBackend(backend, seed),
                DelayedWorlds.worlds(configuration.parallel().world(), TIMEOUT, seed));
    }

    private static Outcome train(
            RunConfiguration configuration, int steps, UnaryOperator<Backend> disguise, List<World> worlds) {
        TinyRanks ranks = new TinyRanks(configuration, steps, disguise);
        try (Crew crew = new Crew(worlds)) {
            crew.run(ranks::train);
        }
        return new Outcome(ranks.logits, ranks.losses, ranks.gradients, ranks.parameters, ranks.sent, ranks.planned);
    }

    private void train(World world) throws IOException {
        Placement placement = new Placement(world, Mesh.configured(configuration.parallel()));
        Coordinates at = placement.mesh().coordinates(world.rank());
        int threads = configuration.run().threads().orElse(1);
        try (PreparedData data = PreparedData.open(
                        FileStore.local(), configuration.data().directory());
                Backend backend = disguise.apply(new Backends().open("cpu", new BackendProvider.Options(threads)))) {
            TrainingMemory memory =
                    new TrainingMemory(configuration, data.tokenizer().vocabularySize(), world);
            MemoryPlan plan = memory.plan(backend);
            planned.set(world.rank(), memory.communicationBytes(backend));
            WindowSampler sampler = new WindowSampler(
                    data, new SamplingSettings(configuration.data().sequenceLength(), 1, true, 1));
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes() + logitBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes() + logitBytes());
                    TrainableModel model = memory.take(backend, device, host, world, ScratchDisk.local());
                    WindowLoader loader = new WindowLoader(
                            sampler,
                            configuration.train().microBatch(),
                            at.data(),
                            configuration.parallel().data(),
                            0)) {
                backend.reserveScratch(plan.scratch(), Long.MAX_VALUE / 2);
                model.state().initialize(new RandomInitialization(1), host);
                logits(model, sampler, placement, at.data());
                // Again, because what was gathered for the logits is still there.
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

    /** Room for them, wherever sequences are padded. */
    private long logitBytes() {
        return 2L * Float.BYTES * logits.length * logits[0].length;
    }

    /** Puts this rank's logits of the first micro-batch to those of the others. */
    private void logits(TrainableModel model, WindowSampler sampler, Placement placement, int group) {
        int length = configuration.data().sequenceLength();
        int sequences = configuration.train().microBatch();
        for (int sequence = 0; sequence < sequences; sequence++) {
            Window window = sampler.window((long) group * sequences + sequence);
            model.batch().put(sequence, window.tokens(), window.labels(), window.weights(), window.documentStart());
        }
        model.batch().send();
        Positions part = placement.part(length);
        int firstToken = (int) placement.share(shape, length).vocabulary().from();
        float[][] mine = model.gpt().logits(model.batch(), 0, model.batch().tokenCount());
        for (int row = 0; row < mine.length; row++) {
            int position = part.at(row % part.count());
            if (position < length) {
                float[] all = logits[(group * sequences + row / part.count()) * length + position];
                System.arraycopy(mine[row], 0, all, firstToken, mine[row].length);
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
