package io.longstrand.train;

import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.MaskWork;
import io.longstrand.checkpoint.Checkpoints;
import io.longstrand.inference.Score;
import io.longstrand.metrics.BaselinesScored;
import io.longstrand.metrics.CheckpointWritten;
import io.longstrand.metrics.MaskUse;
import io.longstrand.metrics.ProcessMemory;
import io.longstrand.metrics.RunEvent;
import io.longstrand.metrics.RunFinished;
import io.longstrand.metrics.StepCompleted;
import io.longstrand.metrics.ValidationCompleted;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import java.util.Map;

/** Turns what happens into events for the driver; only rank 0 speaks. */
final class Reporter {
    private final RankContext context;
    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final double peakFlops;
    private final ProcessMemory memory = new ProcessMemory();
    private long tokensBefore;

    /**
     * @param peakFlops measured peak of all ranks, FLOP/s
     * @param tokensBefore tokens trained on before this attempt
     */
    Reporter(RankContext context, Backend backend, Arena device, Arena host, double peakFlops, long tokensBefore) {
        this.context = context;
        this.backend = backend;
        this.device = device;
        this.host = host;
        this.peakFlops = peakFlops;
        this.tokensBefore = tokensBefore;
    }

    void step(long number, TrainingStep.Result result, double seconds, double modelFlops, double hardwareFlops) {
        tokensBefore += result.tokens();
        tell(new StepCompleted(
                System.currentTimeMillis(),
                number,
                tokensBefore,
                result.loss().mean(),
                result.bitsPerBase(),
                result.learningRate(),
                result.gradientNorm(),
                result.tokens() / seconds,
                modelFlops / seconds,
                hardwareFlops / seconds,
                modelFlops / seconds / peakFlops,
                hardwareFlops / seconds / peakFlops,
                device.used() + backend.scratchBytes(),
                device.peak() + backend.scratchBytes(),
                host.used(),
                host.peak(),
                memory.residentSet().orElse(0),
                seconds,
                maskUse(result.mask())));
    }

    /** What masks hold, and the work they took. */
    MaskUse maskUse(MaskWork work) {
        return new MaskUse(
                device.ownersAtPeak().getOrDefault(AttentionMask.OWNER, 0L),
                host.ownersAtPeak().getOrDefault(AttentionMask.OWNER, 0L),
                work.tiles(),
                work.movedBytes(),
                work.seconds(),
                work.waitedSeconds());
    }

    void validation(long step, Score score, boolean complete, double seconds) {
        tell(new ValidationCompleted(
                System.currentTimeMillis(), step, score.bitsPerBase(), score.bases(), complete, seconds));
    }

    void baselines(long step, Map<String, Double> bitsPerBase, long bases) {
        tell(new BaselinesScored(System.currentTimeMillis(), step, bitsPerBase, bases));
    }

    void checkpoint(long step, Checkpoints.Saved saved, double seconds) {
        tell(new CheckpointWritten(System.currentTimeMillis(), step, saved.directory(), saved.bytes(), seconds));
    }

    void finished(StepLoop.End end, boolean stopped) {
        tell(new RunFinished(System.currentTimeMillis(), end.step(), stopped, end.seconds(), end.checkpoint()));
    }

    void tell(RunEvent event) {
        if (context.rank() == 0) {
            context.driver().event(event);
        }
    }

    /** Tokens trained on since the run began. */
    long tokens() {
        return tokensBefore;
    }
}
