package io.longstrand.zero;

import io.longstrand.config.MemorySection.Offload;
import io.longstrand.config.MemorySection.OffloadSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.storage.ScratchDisk;
import java.nio.file.Path;

/**
 * Where activations are between the passes. No choice changes a bit.
 *
 * @param offload none: on the device
 * @param directory of the file that holds them, for {@code disk}
 * @param disk opens it
 */
public record ActivationPlace(Offload offload, Path directory, ScratchDisk disk) {
    /** Owner of activations wherever they are. */
    static final String OWNER = "activations";

    /** What a configuration says, on a machine with these disks. */
    public static ActivationPlace configured(RunConfiguration configuration, ScratchDisk disk) {
        OffloadSection offload = configuration.memory().offload();
        Path directory = offload.directory().equals(OffloadSection.AUTOMATIC)
                ? ScratchDisk.directory(System.getenv(), System.getProperty("java.io.tmpdir"))
                : Path.of(offload.directory());
        return new ActivationPlace(offload.activations(), directory, disk);
    }
}
