package io.longstrand.zero;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Tensor;

/** Where activations are between the passes when they are not on the device. Everything happens on one copy stream. */
interface ActivationStore {
    /**
     * Starts to send a tensor away.
     *
     * @param from on the device; may be written again when the event is reached
     */
    CopyStream.Event send(int layer, Kept name, Tensor from);

    /**
     * Starts to bring back what was sent last under this name.
     *
     * @param to on the device, of the same type and shape; holds it when the event is reached
     */
    CopyStream.Event bring(int layer, Kept name, Tensor to);
}
