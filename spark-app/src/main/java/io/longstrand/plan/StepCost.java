package io.longstrand.plan;

/**
 * What one pass over a workload costs besides memory.
 *
 * @param productFlops operations of matrix products outside of attention's tiles, those computed again included
 * @param movedBytes bytes copied between host and device
 */
public record StepCost(double productFlops, long movedBytes) {
    /** What this costs more than another. */
    public StepCost minus(StepCost other) {
        return new StepCost(productFlops - other.productFlops, movedBytes - other.movedBytes);
    }

    /** The same for {@code count} passes. */
    public StepCost times(int count) {
        return new StepCost(productFlops * count, movedBytes * count);
    }
}
