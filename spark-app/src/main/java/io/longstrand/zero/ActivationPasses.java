package io.longstrand.zero;

import io.longstrand.config.MemorySection.Offload;
import io.longstrand.model.Activations;
import io.longstrand.model.ResidentActivations;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.CopyStream;
import java.util.Optional;

/** Gives each pass over the model its activations, where {@link ActivationPlace} says. */
final class ActivationPasses implements AutoCloseable {
    private final Arena device;
    private final Arena host;
    private final int layers;
    private final Offload offload;
    private final Optional<CopyStream> copies;
    private final ActivationFile file;
    private final Optional<ActivationStore> onDisk;

    /**
     * Takes what lasts from pass to pass.
     *
     * @param layers of the model
     * @param layerBytes what one layer keeps
     */
    ActivationPasses(Backend backend, Arena device, Arena host, int layers, long layerBytes, ActivationPlace place) {
        this.device = device;
        this.host = host;
        this.layers = layers;
        offload = place.offload();
        copies = offload == Offload.NONE ? Optional.empty() : Optional.of(backend.openCopyStream());
        file = new ActivationFile(place.disk(), place.directory(), OffloadedActivations.leaving(layers) * layerBytes);
        onDisk = offload == Offload.DISK
                ? Optional.of(new DiskActivationStore(copies.orElseThrow(), host, file))
                : Optional.empty();
    }

    /** Activations of one pass, on top of the arenas. */
    Activations next() {
        return switch (offload) {
            case NONE -> new ResidentActivations(device);
            case HOST -> offloaded(new HostActivationStore(copies.orElseThrow(), host));
            case DISK -> offloaded(onDisk.orElseThrow());
        };
    }

    private Activations offloaded(ActivationStore store) {
        return new OffloadedActivations(device, layers, copies.orElseThrow(), store);
    }

    @Override
    public void close() {
        file.close();
    }
}
