package io.longstrand.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.storage.FileStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
    private final Sample sample = new Sample();

    @TempDir
    Path directory;

    private EventLog log;

    @BeforeEach
    void log() throws IOException {
        log = new EventLog(FileStore.local(), directory.toString());
    }

    @Test
    void every_kind_of_event_reads_back_as_it_was_written() throws IOException {
        List<RunEvent> events = everyKind();
        write(events);
        assertThat(log.read()).isEqualTo(events);
        assertThat(Files.readAllLines(directory.resolve("events.jsonl")))
                .hasSize(events.size())
                .first()
                .asString()
                .startsWith("{\"type\":\"run-started\",\"time\":");
    }

    @Test
    void every_kind_of_event_survives_the_way_to_the_driver() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream output = new ObjectOutputStream(bytes)) {
            output.writeObject(List.copyOf(everyKind()));
        }
        try (ObjectInputStream input = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(input.readObject()).isEqualTo(everyKind());
        }
    }

    @Test
    void a_written_event_can_be_read_before_the_log_is_closed() throws IOException {
        try (EventSink sink = log.begin()) {
            sink.accept(sample.step(1));
            assertThat(log.read()).containsExactly(sample.step(1));
        }
    }

    @Test
    void a_resumed_run_drops_the_steps_it_does_again_and_appends() throws IOException {
        write(List.of(sample.started(0), sample.step(1), sample.step(2), sample.checkpoint(2), sample.step(3)));
        try (EventSink sink = log.resume(2)) {
            sink.accept(sample.started(2));
            sink.accept(sample.step(3));
            sink.accept(sample.step(4));
        }
        assertThat(log.read())
                .containsExactly(
                        sample.started(0),
                        sample.step(1),
                        sample.step(2),
                        sample.checkpoint(2),
                        sample.started(2),
                        sample.step(3),
                        sample.step(4));
        assertThat(directory.resolve("events.jsonl")).exists();
        assertThat(directory.toFile().list()).hasSize(1);
    }

    @Test
    void a_line_cut_short_is_skipped_and_does_not_spoil_the_next() throws IOException {
        write(List.of(sample.step(1)));
        Files.writeString(directory.resolve("events.jsonl"), "{\"type\":\"step-comp", StandardOpenOption.APPEND);
        try (EventSink sink = log.resume(1)) {
            sink.accept(sample.step(2));
        }
        assertThat(log.read()).containsExactly(sample.step(1), sample.step(2));
    }

    @Test
    void numbered_parts_follow_the_first() throws IOException {
        write(List.of(sample.step(1)));
        EventFormat format = new EventFormat();
        Files.writeString(directory.resolve("events-00002.jsonl"), format.write(sample.step(3)) + "\n");
        Files.writeString(directory.resolve("events-00001.jsonl"), format.write(sample.step(2)) + "\n");
        assertThat(log.read()).containsExactly(sample.step(1), sample.step(2), sample.step(3));
    }

    @Test
    void a_directory_with_events_is_not_begun_again() throws IOException {
        write(List.of(sample.step(1)));
        assertThatThrownBy(() -> log.begin()).hasMessageContaining("already holds events");
    }

    @Test
    void a_newer_version_s_fields_are_ignored() {
        String line = new EventFormat().write(sample.finished(3, true));
        assertThat(new EventFormat().read(line.replace("{\"type\"", "{\"later\":[1],\"type\"")))
                .contains(sample.finished(3, true));
    }

    @Test
    void a_loss_that_is_no_number_reads_back() {
        ValidationCompleted event = new ValidationCompleted(1, 2, Double.NaN, 3, false, 4);
        assertThat(new EventFormat().read(new EventFormat().write(event))).contains(event);
    }

    private List<RunEvent> everyKind() {
        return List.of(
                sample.started(0),
                new RunCautioned(2, 0, "slow here"),
                sample.baselines(),
                sample.step(1),
                sample.validation(1, false),
                sample.checkpoint(1),
                new RunFailed(5, 1, 0, "loss is not a number"),
                sample.finished(2, false));
    }

    private void write(List<RunEvent> events) throws IOException {
        try (EventSink sink = log.begin()) {
            for (RunEvent event : events) {
                sink.accept(event);
            }
        }
    }
}
