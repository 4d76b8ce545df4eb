package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardWriterTest {
    private final Sample sample = new Sample();

    @TempDir
    Path directory;

    @Test
    void a_file_holds_the_version_and_every_curve() throws IOException {
        try (TensorBoardWriter writer = new TensorBoardWriter(FileStore.local(), directory + "/tb")) {
            writer.accept(sample.started(0));
            writer.accept(sample.baselines());
            writer.accept(sample.step(7));
            writer.accept(sample.validation(7, true));
        }
        List<String> messages = messages();
        assertThat(messages).hasSize(1 + 4 + 11 + 1);
        assertThat(messages.get(0)).contains("brain.Event:2");
        assertThat(String.join("\n", messages))
                .contains("baseline/order-6", "train/loss", "speed/mfu", "memory/device_bytes")
                .contains("validation/bits_per_base");
    }

    @Test
    void a_resumed_run_begins_a_session_in_a_file_of_its_own() throws IOException {
        for (long step : new long[] {0, 20}) {
            try (TensorBoardWriter writer = new TensorBoardWriter(FileStore.local(), directory + "/tb")) {
                writer.accept(sample.started(step));
            }
        }
        assertThat(directory.resolve("tb").toFile().list()).hasSize(2);
        assertThat(messages()).hasSize(3);
    }

    /** Splits all files into records and checks both checksums of each. */
    private List<String> messages() throws IOException {
        List<String> messages = new ArrayList<>();
        try (var files = Files.list(directory.resolve("tb"))) {
            for (Path file : files.sorted().toList()) {
                assertThat(file.getFileName().toString()).startsWith("events.out.tfevents.");
                ByteBuffer buffer = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
                while (buffer.hasRemaining()) {
                    byte[] length = new byte[8];
                    buffer.get(length);
                    assertThat(buffer.getInt()).isEqualTo(TensorBoardRecord.maskedChecksum(length));
                    byte[] message = new byte
                            [(int) ByteBuffer.wrap(length)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .getLong()];
                    buffer.get(message);
                    assertThat(buffer.getInt()).isEqualTo(TensorBoardRecord.maskedChecksum(message));
                    messages.add(new String(message, StandardCharsets.ISO_8859_1));
                }
            }
        }
        return messages;
    }
}
