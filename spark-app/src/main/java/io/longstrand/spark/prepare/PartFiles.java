package io.longstrand.spark.prepare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.Optional;

/** The files of one part: its shard, and a note that it is finished, which a later attempt looks for. */
final class PartFiles {
    private final FileStore store;
    private final String directory;
    private final String name;

    PartFiles(FileStore store, String directory, int part) {
        this.store = store;
        this.directory = directory;
        this.name = String.format(Locale.ROOT, "tokens-%05d", part);
    }

    String dataName() {
        return name + ".bin";
    }

    String indexName() {
        return name + ".idx";
    }

    String data() {
        return store.child(directory, dataName());
    }

    String index() {
        return store.child(directory, indexName());
    }

    /** Leaves the note; the files must be complete. */
    void markFinished(PartResult result) throws IOException {
        try (AtomicPublish publish = AtomicPublish.to(store, note())) {
            try (OutputStream output = store.create(publish.staging())) {
                output.write(JsonMapper.builder().build().writeValueAsBytes(result));
            }
            publish.commit();
        }
    }

    /** The result of an earlier attempt, when its files are still what it wrote. */
    Optional<PartResult> finished() throws IOException {
        if (!store.exists(note())) {
            return Optional.empty();
        }
        PartResult result;
        try (InputStream input = store.open(note())) {
            result = JsonMapper.builder().build().readValue(input.readAllBytes(), PartResult.class);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
        boolean intact = store.exists(data())
                && store.exists(index())
                && Checksum.ofFile(store, data()).equals(result.dataChecksum())
                && Checksum.ofFile(store, index()).equals(result.indexChecksum());
        return intact ? Optional.of(result) : Optional.empty();
    }

    /** Removes the note, and the files as well when there is nothing in them. */
    void finish(PartResult result) throws IOException {
        store.delete(note());
        if (result.sequences().length == 0) {
            store.delete(data());
            store.delete(index());
        }
    }

    private String note() {
        return store.child(directory, name + ".finished.json");
    }
}
