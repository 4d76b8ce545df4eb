package io.longstrand.zero;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import io.longstrand.storage.ScratchDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ActivationFileTest {
    @TempDir
    Path directory;

    @Test
    void what_is_read_was_written_and_no_file_is_ever_seen() {
        try (ActivationFile file = new ActivationFile(ScratchDisk.local(), directory, 8)) {
            assertThat(directory).isEmptyDirectory();
            file.write(bytes(1, 2, 3, 4), 4);
            file.write(bytes(5, 6, 7, 8), 0);
            assertThat(directory).isEmptyDirectory();

            ByteBuffer read = ByteBuffer.allocate(8);
            file.read(read, 0);

            assertThat(read.array()).containsExactly(5, 6, 7, 8, 1, 2, 3, 4);
        }
    }

    @Test
    void a_full_disk_names_directory_and_bytes() {
        ScratchDisk full = ignored -> FileChannel.open(Path.of("/dev/full"), READ, WRITE);
        try (ActivationFile file = new ActivationFile(full, directory, 12_345)) {
            assertThatThrownBy(() -> file.write(bytes(1), 0))
                    .isInstanceOf(RunFailure.class)
                    .hasMessageStartingWith("memory.offload.directory = " + directory
                            + ": writing activations failed: No space left on device; a step needs 12345 bytes there");
        }
    }

    @Test
    void a_file_that_lost_its_end_is_not_read_as_if_it_were_whole() throws IOException {
        Path path = directory.resolve("file");
        try (FileChannel other = FileChannel.open(path, CREATE_NEW, READ, WRITE);
                ActivationFile file =
                        new ActivationFile(ignored -> FileChannel.open(path, READ, WRITE), directory, 4)) {
            file.write(bytes(1, 2, 3, 4), 0);
            other.truncate(3);

            assertThatThrownBy(() -> file.read(ByteBuffer.allocate(4), 0))
                    .isInstanceOf(RunFailure.class)
                    .hasMessageStartingWith("memory.offload.directory = " + directory
                            + ": reading activations back failed: the file ends at byte 3, 1 before the end of what was"
                            + " written");
        }
    }

    @Test
    void a_directory_that_is_not_there_is_the_users_error() {
        Path nowhere = directory.resolve("nowhere");
        try (ActivationFile file = new ActivationFile(ScratchDisk.local(), nowhere, 4)) {
            assertThatThrownBy(() -> file.write(bytes(1), 0))
                    .isInstanceOf(UserError.class)
                    .hasMessage("memory.offload.directory = " + nowhere
                            + ": no such directory on this machine; name one on a local disk of every rank");
        }
    }

    private static ByteBuffer bytes(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length);
        for (int value : values) {
            buffer.put((byte) value);
        }
        return buffer.flip();
    }
}
