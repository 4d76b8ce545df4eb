package io.longstrand.plan;

import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;

/**
 * Attention in one operation, rehearsed: where there is some, a step holds outputs it would give up without.
 *
 * @param real what will attend
 */
record PlanningAttention(FusedAttention real) implements FusedAttention {
    @Override
    public boolean supports(DataType type, int headSize) {
        return real.supports(type, headSize);
    }

    @Override
    public void forward(Sequence sequence) {
        // Takes nothing from the arenas.
    }

    @Override
    public void backward(Sequence sequence, Gradients gradients) {
        // Takes nothing from the arenas.
    }
}
