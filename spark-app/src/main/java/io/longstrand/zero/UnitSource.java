package io.longstrand.zero;

import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Tensor;

/** Where the parameters of a unit come from when they are not on the device. */
@FunctionalInterface
interface UnitSource {
    /**
     * Starts to bring a unit. Where it takes other ranks, all of them bring the same units in the same order.
     *
     * @param room (1, elements of the unit) on the device, written
     * @return reached when the parameters are there
     */
    CopyStream.Event bring(int unit, Tensor room);
}
