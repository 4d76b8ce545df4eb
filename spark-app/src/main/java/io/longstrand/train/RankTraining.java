package io.longstrand.train;

import io.longstrand.checkpoint.Checkpoint;
import io.longstrand.checkpoint.CheckpointRanks;
import io.longstrand.checkpoint.Checkpoints;
import io.longstrand.checkpoint.Progress;
import io.longstrand.checkpoint.RunDirectory;
import io.longstrand.checkpoint.StateTensor;
import io.longstrand.checkpoint.StateTensors;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.RunFailure;
import io.longstrand.config.TrainSection;
import io.longstrand.config.UserError;
import io.longstrand.genome.baseline.Baselines;
import io.longstrand.genome.sample.SamplingSettings;
import io.longstrand.genome.sample.ValidationWindows;
import io.longstrand.genome.sample.Window;
import io.longstrand.genome.sample.WindowSampler;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.inference.EvaluationShare;
import io.longstrand.inference.HeldOutEvaluation;
import io.longstrand.inference.Score;
import io.longstrand.mesh.Coordinates;
import io.longstrand.mesh.Mesh;
import io.longstrand.metrics.Machine;
import io.longstrand.metrics.ProcessMemory;
import io.longstrand.metrics.RunCautioned;
import io.longstrand.metrics.RunStarted;
import io.longstrand.model.ParameterLayout;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.optim.LearningRateSchedule;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.PeakProbe;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.Place;
import io.longstrand.zero.ActivationPlace;
import io.longstrand.zero.RandomInitialization;
import io.longstrand.zero.TrainableModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one rank does from its first to its last step. The data must have been prepared. When the run directory holds a
 * checkpoint, training goes on from the newest one, bit for bit as if it had never been interrupted: retries and {@code
 * --resume} are the same thing, and refusing a directory that holds a run is the caller's matter.
 */
public final class RankTraining {
    private final RunConfiguration configuration;
    private final RankContext context;
    private final Mesh mesh;
    private final RunDirectory run;

    /** @param configuration of the run @param context where this rank finds itself */
    public RankTraining(RunConfiguration configuration, RankContext context) {
        this.configuration = configuration;
        this.context = context;
        this.mesh = Mesh.configured(configuration.parallel());
        this.run = new RunDirectory(configuration.run().directory());
    }

    /**
     * Trains, saves and scores.
     *
     * @throws UserError when the data, the checkpoint or the memory budget do not suit the configuration
     * @throws RunFailure when a step gives no finite numbers or storage fails; a later attempt may resume
     */
    public TrainingOutcome run() {
        requireRanks();
        int threads = configuration.run().threads().orElse(context.threads());
        try (PreparedData data =
                        PreparedData.open(context.store(), configuration.data().directory());
                Backend backend = new Backends()
                        .open(configuration.backend().text(), new BackendProvider.Options(threads, context.device()))) {
            TrainingMemory memory =
                    new TrainingMemory(configuration, data.tokenizer().vocabularySize(), context.world());
            MemoryPlan plan = memory.plan(backend);
            ActivationPlace.configured(configuration, context.disk()).check();
            double peakFlops = new PeakProbe().quickFlopsPerSecond(backend, memory.type())
                    * context.world().size();
            long residentSet = new ProcessMemory().residentSet().orElse(0);
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes())) {
                backend.reserveScratch(plan.scratch(), memory.budget().deviceBytes() - device.budget());
                try (TrainableModel model = memory.take(backend, device, host, context.world(), context.disk())) {
                    return train(data, backend, memory, plan, peakFlops, residentSet, device, host, model);
                } catch (IOException | RuntimeException | Error e) {
                    // Others wait for this rank, and its memory for what it has begun with them.
                    context.world().close();
                    throw e;
                }
            }
        } catch (IOException e) {
            throw new RunFailure("storage failed: " + e.getMessage() + "; resume when it is back", e);
        }
    }

    private void requireRanks() {
        if (mesh.world() != context.world().size()) {
            throw new EnvironmentError("parallel asks for " + mesh.world() + " ranks, this run has "
                    + context.world().size());
        }
    }

    private TrainingOutcome train(
            PreparedData data,
            Backend backend,
            TrainingMemory memory,
            MemoryPlan plan,
            double peakFlops,
            long residentSet,
            Arena device,
            Arena host,
            TrainableModel model)
            throws IOException {
        TrainSection train = configuration.train();
        WindowSampler sampler = new WindowSampler(data, sampling());
        Optional<ValidationWindows> heldOut = heldOut(data);
        Optional<HeldOutEvaluation> evaluation =
                heldOut.map(windows -> new HeldOutEvaluation(model.gpt(), model.batch(), windows, shares(model)));
        String digest = new ConfigurationDigest(context.store()).of(configuration, data.manifest());
        CheckpointRanks writers =
                new CheckpointRanks(context.rank(), context.world().size(), own ->
                        (long) model.sums().of(own)[0]);
        Checkpoints checkpoints =
                new Checkpoints(context.store(), run, configuration.checkpoint().keep(), writers);
        Optional<Checkpoint> start = restore(checkpoints, writers, digest, model, backend, host);
        long done = start.map(checkpoint -> checkpoint.progress().step()).orElse(0L);
        long tokens = start.map(checkpoint -> checkpoint.progress().tokens()).orElse(0L);

        tryMask(model, sampler, done * globalBatch());
        Reporter reporter = new Reporter(context, backend, device, host, peakFlops, tokens);
        reporter.tell(started(done, memory, backend, peakFlops, plan, residentSet));
        backend.caution(memory.type())
                .ifPresent(message -> reporter.tell(new RunCautioned(System.currentTimeMillis(), done, message)));
        StateTensors tensors = new StateTensors(model.state().layout());
        StepLoop.Saver saver = step -> checkpoints.save(
                new Progress(step, reporter.tokens(), train.seed(), digest),
                tensors.parameters(model.state().masters().values().own()),
                tensors.optimizer(model.state().moments().own()),
                backend,
                host);
        StepLoop.End end;
        try (WindowLoader loader =
                new WindowLoader(sampler, train.microBatch(), at().data(), mesh.data(), done * train.accumulation())) {
            StepLoop loop = new StepLoop(
                    step(model),
                    loader,
                    evaluation,
                    train.validation(),
                    saver,
                    configuration.checkpoint().every(),
                    memory.flops(),
                    reporter);
            end = loop.run(
                    done,
                    train.steps(),
                    globalBatch(),
                    start.map(Checkpoint::directory).orElse(""));
        }
        long residentSetPeak = new ProcessMemory().residentSetPeak().orElse(0);
        boolean stopped = end.step() < train.steps();
        Score score = stopped ? null : finalScore(evaluation, reporter, end.step());
        Map<String, Double> baselines =
                stopped || context.rank() > 0 ? Map.of() : baselines(data, heldOut, reporter, end.step());
        reporter.finished(end, stopped);
        return new TrainingOutcome(
                run.path(),
                end.step(),
                end.seconds(),
                stopped,
                score,
                baselines,
                perSecond(end.tokens(), end),
                perSecond(end.windows(), end),
                perSecond(end.modelFlops(), end) / 1e9,
                perSecond(end.modelFlops(), end) / peakFlops,
                perSecond(end.hardwareFlops(), end) / peakFlops,
                new TrainingOutcome.Bytes(plan.deviceBytes(), device.peak() + backend.scratchBytes()),
                new TrainingOutcome.Bytes(plan.hostBytes(), host.peak()),
                reporter.maskUse(model.batch().maskWork()),
                residentSetPeak,
                Math.max(0, residentSetPeak - residentSet),
                end.checkpoint());
    }

    /** Where this rank stands. */
    private Coordinates at() {
        return mesh.coordinates(context.rank());
    }

    /** Windows of a step, all ranks together. */
    private long globalBatch() {
        TrainSection train = configuration.train();
        return (long) train.microBatch() * train.accumulation() * mesh.data();
    }

    /** How the ranks share what is scored. */
    private EvaluationShare shares(TrainableModel model) {
        return new EvaluationShare(mesh, at(), model.sums()::gather);
    }

    /** A mask of the user's own that does not suit the data is told before the run writes anything. */
    private static void tryMask(TrainableModel model, WindowSampler sampler, long number) {
        Window window = sampler.window(number);
        model.batch().put(0, window.tokens(), window.labels(), window.weights(), window.documentStart());
        model.batch().send();
    }

    private SamplingSettings sampling() {
        return new SamplingSettings(
                configuration.data().sequenceLength(),
                configuration.train().seed(),
                configuration.data().reverseComplement(),
                (float) configuration.data().softMaskWeight());
    }

    /** Empty when nothing is held out. */
    private Optional<ValidationWindows> heldOut(PreparedData data) {
        return data.manifest().split().heldOut().isEmpty()
                ? Optional.empty()
                : Optional.of(new ValidationWindows(data, configuration.data().sequenceLength()));
    }

    private Optional<Checkpoint> restore(
            Checkpoints checkpoints,
            CheckpointRanks readers,
            String digest,
            TrainableModel model,
            Backend backend,
            Arena host)
            throws IOException {
        Optional<String> newest = checkpoints.newest();
        if (newest.isEmpty()) {
            model.state()
                    .initialize(new RandomInitialization(configuration.train().seed()), host);
            return Optional.empty();
        }
        Checkpoint checkpoint = Checkpoint.open(context.store(), newest.get(), readers);
        if (!checkpoint.progress().configuration().equals(digest)) {
            throw new UserError(checkpoint.directory() + ": was trained with other settings or other data than "
                    + run.configuration() + " and " + configuration.data().directory()
                    + " now hold; resume with those it was trained with");
        }
        // Gaps between parameters are in no checkpoint and stay zero.
        model.state().clear();
        StateTensors tensors = new StateTensors(model.state().layout());
        List<StateTensor> all =
                new ArrayList<>(tensors.parameters(model.state().masters().values()));
        all.addAll(tensors.optimizer(model.state().moments()));
        checkpoint.load(all, backend, host);
        model.state().publish();
        return Optional.of(checkpoint);
    }

    private TrainingStep step(TrainableModel model) {
        TrainSection.OptimiserSection optimiser = configuration.train().optimiser();
        TrainSection.ScheduleSection schedule = configuration.train().schedule();
        AdamW adamW = model.state()
                .optimizer(new AdamW.Settings(
                        optimiser.beta1(), optimiser.beta2(), optimiser.epsilon(), optimiser.weightDecay()));
        LearningRateSchedule rates = new LearningRateSchedule(
                LearningRateSchedule.Kind.valueOf(schedule.kind().name()),
                optimiser.learningRate(),
                schedule.warmUpSteps(),
                schedule.steps(),
                schedule.minimumRateRatio());
        return new TrainingStep(
                model,
                adamW,
                rates,
                new GradientClipping(optimiser.clipNorm()),
                new StepExchange(model.sums(), at(), context.rank(), context.driver()),
                configuration.train().accumulation(),
                globalBatch() * configuration.data().sequenceLength());
    }

    private RunStarted started(
            long done, TrainingMemory memory, Backend backend, double peakFlops, MemoryPlan plan, long residentSet) {
        Machine machine = new Machine(
                backend.description(),
                backend.kernels().lanes(),
                new MachineMemory().bytes(),
                System.getProperty("java.version"),
                backend.name(),
                peakFlops);
        return new RunStarted(
                System.currentTimeMillis(),
                done,
                run.path(),
                configuration.train().steps(),
                new ParameterLayout(memory.shape()).learned(),
                context.world().size(),
                machine,
                plan.deviceBytes(),
                plan.hostBytes(),
                residentSet);
    }

    private static Score finalScore(Optional<HeldOutEvaluation> evaluation, Reporter reporter, long step) {
        if (evaluation.isEmpty()) {
            return null;
        }
        long start = System.nanoTime();
        Score score = evaluation.get().all();
        reporter.validation(step, score, true, (System.nanoTime() - start) * 1e-9);
        return score;
    }

    private static Map<String, Double> baselines(
            PreparedData data, Optional<ValidationWindows> heldOut, Reporter reporter, long step) {
        if (heldOut.isEmpty()) {
            return Map.of();
        }
        Baselines.Result result = new Baselines(data).score(heldOut.get().scoredRegions());
        reporter.baselines(step, result.bitsPerBase(), result.bases());
        return result.bitsPerBase();
    }

    /** 0 when this attempt trained nothing. */
    private static double perSecond(double amount, StepLoop.End end) {
        return end.seconds() == 0 ? 0 : amount / end.seconds();
    }
}
