package io.longstrand.plan;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A backend to rehearse a step on: memory without bytes, kernels that compute nothing but refuse what a device would
 * refuse. Arenas over it tell what the step will need.
 */
public final class PlanningBackend implements Backend {
    private final PlanningKernels kernels;
    private final ScratchForecast forecast;
    private final Map<Place, Long> allocated = new EnumMap<>(Place.class);

    /** @param lanes of the backend that will run the step: scratch is taken for each lane */
    public PlanningBackend(int lanes) {
        this(lanes, ScratchForecast.NONE, Optional.empty());
    }

    /**
     * Rehearses for one backend.
     *
     * @param lanes of it
     * @param forecast of its scratch, told of every operation
     * @param fused its attention in one operation, which is not run
     */
    public PlanningBackend(int lanes, ScratchForecast forecast, Optional<FusedAttention> fused) {
        kernels = new PlanningKernels(lanes, forecast, fused.map(PlanningAttention::new));
        this.forecast = forecast;
    }

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String description() {
        return "a rehearsal without memory, " + kernels.lanes() + " lanes";
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Memory allocate(Place place, long bytes) {
        allocated.merge(place, bytes, Long::sum);
        return new PlanningMemory(place, bytes);
    }

    @Override
    public CopyStream openCopyStream() {
        return new PlanningCopies(kernels);
    }

    @Override
    public void synchronize() {
        // Nothing was submitted.
    }

    @Override
    public long peakBytes(Place place) {
        return allocated.getOrDefault(place, 0L);
    }

    @Override
    public long scratchBytes() {
        return forecast.scratch().bytes();
    }

    @Override
    public List<SelfTest> selfTest() {
        return List.of();
    }

    /** Bytes of all copies between host and device so far. */
    public long movedBytes() {
        return kernels.movedBytes();
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
