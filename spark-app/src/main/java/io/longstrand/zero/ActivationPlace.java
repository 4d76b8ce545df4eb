package io.longstrand.zero;

import io.longstrand.config.MemorySection.Offload;
import io.longstrand.config.MemorySection.OffloadSection;
import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.storage.ScratchDisk;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
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

    /**
     * Looks whether a file can be made where activations go, before a run begins.
     *
     * @throws UserError when not
     */
    public void check() {
        if (offload != Offload.DISK) {
            return;
        }
        try {
            disk.open(directory).close();
        } catch (IOException e) {
            throw new UserError(
                    ActivationFile.KEY + " = " + directory + ": no file can be made there: "
                            + (e instanceof AccessDeniedException ? "permission denied" : e.getMessage())
                            + "; name a directory on a local disk of every rank that the run may write to",
                    e);
        }
    }

    /** What a configuration says, on a machine with these disks. */
    public static ActivationPlace configured(RunConfiguration configuration, ScratchDisk disk) {
        OffloadSection offload = configuration.memory().offload();
        Path directory = offload.directory().equals(OffloadSection.AUTOMATIC)
                ? ScratchDisk.directory(System.getenv(), System.getProperty("java.io.tmpdir"))
                : Path.of(offload.directory());
        return new ActivationPlace(offload.activations(), directory, disk);
    }
}
