package io.longstrand.metrics;

import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileEntry;
import io.longstrand.storage.FileStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The events of a run as JSON lines in {@code events.jsonl}. On a local disk a resumed run appends. Other stores cannot
 * all append, so there it writes numbered parts, {@code events-00001.jsonl} …, and where a file shows only once it is
 * closed it begins the next part every minute. Readers take all parts in order.
 */
public final class EventLog {
    private static final String FIRST = "events.jsonl";
    private static final Pattern PART = Pattern.compile("events(-\\d{5,})?\\.jsonl");

    private final FileStore store;
    private final String directory;
    private final EventFormat format = new EventFormat();

    /** @param directory the run directory */
    public EventLog(FileStore store, String directory) {
        this.store = store;
        this.directory = directory;
    }

    /** Every event in the order written; empty when the run has none. */
    public List<RunEvent> read() throws IOException {
        List<RunEvent> events = new ArrayList<>();
        for (String part : parts()) {
            events.addAll(readPart(part));
        }
        return events;
    }

    /** A sink for a run that begins: refuses to mix with the events of another. */
    public EventSink begin() throws IOException {
        if (!parts().isEmpty()) {
            throw new IllegalStateException(directory + " already holds events");
        }
        return new EventLogSink(this, 0);
    }

    /** A sink for a run that goes on from {@code step}: the events of later steps are dropped first. */
    public EventSink resume(long step) throws IOException {
        List<String> parts = parts();
        for (String part : parts) {
            // Always rewritten: a line that an interrupted write cut short must not swallow the next one.
            rewrite(
                    part,
                    readPart(part).stream()
                            .filter(event -> event.step() <= step)
                            .toList());
        }
        return new EventLogSink(this, store.isLocal(directory) ? 0 : parts.size());
    }

    /** Opens a part for writing; a local part that is there is continued. */
    OutputStream open(int number) throws IOException {
        String part = store.child(directory, name(number));
        if (store.isLocal(directory)) {
            Files.createDirectories(Path.of(store.resolve(directory)));
            return Files.newOutputStream(
                    Path.of(store.resolve(part)), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        return store.create(part);
    }

    /** Whether readers see what was flushed before the file is closed. */
    boolean showsFlushedBytes() {
        return store.isLocal(directory) || store.resolve(directory).startsWith("hdfs:");
    }

    private void rewrite(String part, List<RunEvent> events) throws IOException {
        try (AtomicPublish publish = AtomicPublish.to(store, part)) {
            try (OutputStream output = store.create(publish.staging())) {
                for (RunEvent event : events) {
                    output.write((format.write(event) + "\n").getBytes(StandardCharsets.UTF_8));
                }
            }
            publish.commit();
        }
    }

    private List<RunEvent> readPart(String part) throws IOException {
        List<RunEvent> events = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(store.open(part), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                Optional<RunEvent> event = format.read(line);
                event.ifPresent(events::add);
            }
        }
        return events;
    }

    private List<String> parts() throws IOException {
        if (!store.isDirectory(directory)) {
            return List.of();
        }
        List<String> parts = new ArrayList<>();
        for (FileEntry entry : store.list(directory)) {
            if (PART.matcher(entry.name()).matches()) {
                parts.add(entry.path());
            }
        }
        // By name '-' sorts before '.', so the first part comes last.
        parts.sort((a, b) -> Integer.compare(number(a), number(b)));
        return parts;
    }

    private static int number(String part) {
        int dash = part.lastIndexOf("events-");
        return dash < 0 ? 0 : Integer.parseInt(part.substring(dash + 7, part.length() - ".jsonl".length()));
    }

    private static String name(int number) {
        return number == 0 ? FIRST : String.format(Locale.ROOT, "events-%05d.jsonl", number);
    }
}
