package io.longstrand.storage;

import io.longstrand.config.UserError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A disk of this machine for what a process needs only while it runs. Not for what a run leaves behind: that goes
 * through {@link FileStore}.
 */
@FunctionalInterface
public interface ScratchDisk {
    /**
     * Opens a new empty file to write and to read. It has no name a moment later, and its bytes are given back when it is
     * closed or the process ends, however it ends.
     *
     * @param directory on a local disk
     * @throws UserError when there is no such directory
     * @throws IOException when no file can be made there
     */
    FileChannel open(Path directory) throws IOException;

    /** The disks of this machine. */
    static ScratchDisk local() {
        return directory -> {
            if (!Files.isDirectory(directory)) {
                throw new UserError("memory.offload.directory = " + directory
                        + ": no such directory on this machine; name one on a local disk of every rank");
            }
            // The system takes the name away as soon as the file is open.
            return FileChannel.open(
                    directory.resolve("longstrand-" + UUID.randomUUID()),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DELETE_ON_CLOSE);
        };
    }

    /**
     * The directory to use when the user names none: the first of those the cluster manager gives this process, else the
     * one for temporary files.
     *
     * @param environment variables of this process
     * @param temporary {@code java.io.tmpdir}
     */
    static Path directory(Map<String, String> environment, String temporary) {
        for (String variable : List.of("LOCAL_DIRS", "SPARK_EXECUTOR_DIRS", "SPARK_LOCAL_DIRS")) {
            String first =
                    environment.getOrDefault(variable, "").split("[,:]", 2)[0].strip();
            if (!first.isEmpty()) {
                return Path.of(first);
            }
        }
        return Path.of(temporary);
    }
}
