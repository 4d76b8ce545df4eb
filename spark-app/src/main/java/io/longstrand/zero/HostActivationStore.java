package io.longstrand.zero;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** Activations of one pass in host memory, on top of the host arena until whoever marked it releases it. */
final class HostActivationStore implements ActivationStore {
    private record Name(int layer, Kept name) {}

    private final CopyStream copies;
    private final Arena host;
    private final Map<Name, Tensor> tensors = new HashMap<>();

    HostActivationStore(CopyStream copies, Arena host) {
        this.copies = copies;
        this.host = host;
    }

    @Override
    public CopyStream.Event send(int layer, Kept name, Tensor from) {
        Tensor there = host.allocate(ActivationPlace.OWNER, from.type(), from.rows(), from.columns());
        tensors.put(new Name(layer, name), there);
        return copies.copy(from, there);
    }

    @Override
    public CopyStream.Event bring(int layer, Kept name, Tensor to) {
        return copies.copy(tensors.get(new Name(layer, name)), to);
    }
}
