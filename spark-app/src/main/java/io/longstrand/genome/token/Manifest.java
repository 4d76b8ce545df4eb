package io.longstrand.genome.token;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.FileStore;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * What a directory of prepared data holds: {@code manifest.json}, written last. File names in it are relative to the
 * directory. Record coordinates are global: record r begins where the ones before it end, in the order listed.
 *
 * @param version of this format, {@link #VERSION}
 * @param sources the genome files prepared
 * @param records every record, by index
 * @param tokenizer what turned the bases into tokens
 * @param shards the token shard files
 * @param sequences which record, strand and phase lies where
 * @param split what is held out
 * @param softMasked intervals written in lower case, an {@link IntervalFile}
 * @param unknown intervals of letters other than A, C, G, T, an {@link IntervalFile}
 */
public record Manifest(
        int version,
        List<SourceFile> sources,
        List<RecordDescription> records,
        TokenizerDescription tokenizer,
        List<Shard> shards,
        List<Sequence> sequences,
        Split split,
        DataFile softMasked,
        DataFile unknown) {
    public static final int VERSION = 1;
    public static final String FILE_NAME = "manifest.json";

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    public Manifest {
        sources = List.copyOf(sources);
        records = List.copyOf(records);
        shards = List.copyOf(shards);
        sequences = List.copyOf(sequences);
    }

    /**
     * A file that was prepared from.
     *
     * @param path as the user gave it
     * @param bytes its length
     * @param checksum its SHA-256
     */
    public record SourceFile(String path, long bytes, String checksum) {}

    /**
     * A file of the prepared data.
     *
     * @param name relative to the manifest's directory
     * @param bytes its length
     * @param checksum its SHA-256
     */
    public record DataFile(String name, long bytes, String checksum) {}

    /**
     * A token shard: a Megatron-LM indexed dataset.
     *
     * @param data the {@code .bin}
     * @param index the {@code .idx}
     */
    public record Shard(DataFile data, DataFile index) {}

    /**
     * Tokens of one record, strand and phase. A stream is the sequences of equal record, strand and phase, in the order
     * of their first token: usually one.
     *
     * @param record index of the record
     * @param strand which strand it reads
     * @param phase the base, counted from the strand's beginning, at which the stream's first token starts
     * @param firstToken index in the stream of this sequence's first token
     * @param tokens its length
     * @param shard index of the shard
     * @param sequence its index in the shard
     */
    public record Sequence(
            int record, Strand strand, int phase, long firstToken, long tokens, int shard, long sequence) {}

    /** @return bases of all records together */
    public long bases() {
        return records.stream().mapToLong(RecordDescription::bases).sum();
    }

    /** @return the global coordinate of a record's first base */
    public long start(int record) {
        return records.subList(0, record).stream()
                .mapToLong(RecordDescription::bases)
                .sum();
    }

    /** @return this manifest with another split */
    public Manifest withSplit(Split other) {
        return new Manifest(version, sources, records, tokenizer, shards, sequences, other, softMasked, unknown);
    }

    /** Writes {@code manifest.json} into a directory, atomically. */
    public void write(FileStore store, String directory) throws IOException {
        try (AtomicPublish publish = AtomicPublish.to(store, store.child(directory, FILE_NAME))) {
            try (OutputStream output = store.create(publish.staging())) {
                output.write(JSON.writeValueAsBytes(this));
            }
            publish.commit();
        }
    }

    /** @throws UserError when the manifest is missing, is not one, or has another version */
    public static Manifest read(FileStore store, String directory) throws IOException {
        String path = store.child(directory, FILE_NAME);
        Manifest manifest;
        try (InputStream input = store.open(path)) {
            manifest = JSON.readValue(input.readAllBytes(), Manifest.class);
        } catch (FileNotFoundException | java.nio.file.NoSuchFileException e) {
            throw new UserError(path + ": no such file; prepare the data first", e);
        } catch (JsonProcessingException e) {
            throw new UserError(
                    path + ": not a manifest of prepared data ("
                            + e.getOriginalMessage().lines().findFirst().orElse("malformed JSON")
                            + "); prepare the data again",
                    e);
        }
        if (manifest.version != VERSION) {
            throw new UserError(path + ": version " + manifest.version + " is not " + VERSION
                    + ", the one this release reads; prepare the data again");
        }
        return manifest;
    }
}
