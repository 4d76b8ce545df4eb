package io.longstrand.plan;

/**
 * What a step costs besides memory.
 *
 * @param flops operations executed, those done again included
 * @param movedBytes bytes copied between host and device; those kept on disk pass through the host
 */
public record StepCost(double flops, long movedBytes) {
    /** What this costs more than another. */
    public StepCost minus(StepCost other) {
        return new StepCost(flops - other.flops, movedBytes - other.movedBytes);
    }
}
