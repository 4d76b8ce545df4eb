package io.longstrand.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longstrand.config.UserError;
import io.longstrand.model.MatrixShare;
import io.longstrand.model.Span;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * What a checkpoint holds: {@code manifest.json}, written last.
 *
 * @param version of this format, {@link #VERSION}
 * @param progress how far training had come
 * @param tensors which elements of which logical tensor lie where
 * @param files every other file of the checkpoint
 * @param checksum SHA-256 of this manifest with an empty checksum, so that it vouches for itself
 */
@JsonPropertyOrder({"version", "progress", "tensors", "files", "checksum"})
record CheckpointManifest(int version, Progress progress, List<Range> tensors, List<File> files, String checksum) {
    static final int VERSION = 1;
    static final String FILE_NAME = "manifest.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /**
     * Elements {@code from} to {@code to} of a logical tensor, or of some of its rows and columns; see {@link StateTensor}.
     *
     * @param name logical name
     * @param shape sizes of the whole tensor
     * @param rows the rows they are of; none are named where they are of the whole tensor
     * @param columns the columns they are of; none are named where they are of the whole tensor
     * @param from first element
     * @param to one past the last element
     * @param file name of the file that holds them
     * @param key name of the tensor in that file
     */
    record Range(
            String name,
            List<Long> shape,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonSetter(nulls = Nulls.AS_EMPTY)
            List<Span> rows,

            @JsonInclude(JsonInclude.Include.NON_EMPTY) @JsonSetter(nulls = Nulls.AS_EMPTY)
            List<Span> columns,

            long from,
            long to,
            String file,
            String key) {
        Range {
            shape = List.copyOf(shape);
            rows = List.copyOf(rows);
            columns = List.copyOf(columns);
        }

        /** Where a tensor's elements are. */
        static Range of(StateTensor tensor, String file, String key) {
            MatrixShare share = tensor.share();
            boolean whole = share.isWhole();
            return new Range(
                    tensor.name(),
                    tensor.shape(),
                    whole ? List.of() : share.rowSpans(),
                    whole ? List.of() : share.columnSpans(),
                    tensor.from(),
                    tensor.to(),
                    file,
                    key);
        }

        /** What the elements are counted in. */
        MatrixShare share() {
            MatrixShare whole = StateTensor.whole(shape);
            return rows.isEmpty() ? whole : new MatrixShare(whole.wholeRows(), whole.wholeColumns(), rows, columns);
        }
    }

    /**
     * A file.
     *
     * @param name relative to the manifest's directory
     * @param bytes its length
     * @param checksum its SHA-256
     */
    record File(String name, long bytes, String checksum) {}

    CheckpointManifest {
        tensors = List.copyOf(tensors);
        files = List.copyOf(files);
    }

    /** A manifest that vouches for itself. */
    static CheckpointManifest of(Progress progress, List<Range> tensors, List<File> files) {
        CheckpointManifest blank = new CheckpointManifest(VERSION, progress, tensors, files, "");
        return new CheckpointManifest(VERSION, progress, tensors, files, blank.digest());
    }

    /** Writes {@code manifest.json} into a directory: the checkpoint is complete. */
    void write(FileStore store, String directory) throws IOException {
        write(store, directory, FILE_NAME);
    }

    /** Writes the part of a manifest that one rank knows. */
    void writePart(FileStore store, String directory, int rank) throws IOException {
        write(store, directory, partName(rank));
    }

    private void write(FileStore store, String directory, String name) throws IOException {
        try (OutputStream output = store.create(store.child(directory, name))) {
            output.write(json());
        }
    }

    /** Reads the part that a rank wrote, and deletes it. */
    static CheckpointManifest takePart(FileStore store, String directory, int rank) throws IOException {
        CheckpointManifest part = read(store, directory, partName(rank));
        store.delete(store.child(directory, partName(rank)));
        return part;
    }

    private static String partName(int rank) {
        return "manifest-of-rank-" + rank + ".json";
    }

    /** @throws UserError naming the file when it is missing, damaged or of another version */
    static CheckpointManifest read(FileStore store, String directory) throws IOException {
        return read(store, directory, FILE_NAME);
    }

    private static CheckpointManifest read(FileStore store, String directory, String name) throws IOException {
        String path = store.child(directory, name);
        CheckpointManifest manifest;
        try (InputStream input = store.open(path)) {
            manifest = JSON.readValue(input.readAllBytes(), CheckpointManifest.class);
        } catch (FileNotFoundException | java.nio.file.NoSuchFileException e) {
            throw new UserError(path + ": no such file; " + directory + " is no complete checkpoint", e);
        } catch (JsonProcessingException e) {
            throw new UserError(path + ": damaged: not the manifest of a checkpoint; take another checkpoint", e);
        }
        if (manifest.version != VERSION) {
            throw new UserError(
                    path + ": version " + manifest.version + " is not " + VERSION + ", the one this release reads");
        }
        CheckpointManifest blank =
                new CheckpointManifest(manifest.version, manifest.progress, manifest.tensors, manifest.files, "");
        if (!blank.digest().equals(manifest.checksum)) {
            throw new UserError(path + ": damaged: its content does not match its checksum; take another checkpoint");
        }
        return manifest;
    }

    private String digest() {
        byte[] json = json();
        Checksum digest = new Checksum();
        digest.update(json, 0, json.length);
        return digest.value();
    }

    private byte[] json() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a manifest is always JSON", e);
        }
    }
}
