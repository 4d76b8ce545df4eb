package io.longstrand.config;

import io.longstrand.config.MemorySection.Offload;
import io.longstrand.config.MemorySection.OffloadSection;

/** Refuses values whose feature this version does not have. A feature that arrives deletes its line. */
final class Supported {
    private final Origin origin;

    Supported(Origin origin) {
        this.origin = origin;
    }

    /** @throws UserError naming place, key and the values this version supports */
    void check(RunConfiguration configuration) {
        OffloadSection offload = configuration.memory().offload();
        require(offload.optimizer() != Offload.DISK, "memory.offload.optimizer", "none, host");
        require(offload.parameters() != Offload.DISK, "memory.offload.parameters", "none, host");
    }

    private void require(boolean holds, String key, String supported) {
        if (!holds) {
            throw new UserError(origin.of(key) + " is not supported by this version; supported: " + supported);
        }
    }
}
