package io.longstrand.genome.token;

import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A directory of prepared data, opened and verified: the manifest with its tokens. Safe to share between threads. */
public final class PreparedData implements Closeable {
    private final Manifest manifest;
    private final Tokenizer tokenizer;
    private final List<TokenShardReader> shards;
    private final Map<StreamKey, TokenStream> streams;
    private final List<Intervals> softMasked;
    private final List<Intervals> unknown;

    private record StreamKey(int record, Strand strand, int phase) {}

    private PreparedData(
            Manifest manifest,
            Tokenizer tokenizer,
            List<TokenShardReader> shards,
            List<Intervals> softMasked,
            List<Intervals> unknown) {
        this.manifest = manifest;
        this.tokenizer = tokenizer;
        this.shards = shards;
        this.softMasked = softMasked;
        this.unknown = unknown;
        this.streams = streams(manifest, tokenizer, shards);
    }

    /**
     * Opens the data in a directory. Every file is compared with its checksum first.
     *
     * @throws UserError naming the file that is missing, damaged or not the one the manifest was written for
     */
    public static PreparedData open(FileStore store, String directory) throws IOException {
        Manifest manifest = Manifest.read(store, directory);
        Tokenizer tokenizer = new TokenizerLoader(store).ofManifest(manifest.tokenizer(), directory);
        verify(store, directory, manifest.softMasked());
        verify(store, directory, manifest.unknown());
        for (Manifest.Shard shard : manifest.shards()) {
            verify(store, directory, shard.index());
            verify(store, directory, shard.data());
        }
        List<Intervals> softMasked = intervals(store, directory, manifest, manifest.softMasked());
        List<Intervals> unknown = intervals(store, directory, manifest, manifest.unknown());
        List<TokenShardReader> shards = new ArrayList<>();
        try {
            for (Manifest.Shard shard : manifest.shards()) {
                shards.add(TokenShardReader.open(
                        store,
                        store.child(directory, shard.data().name()),
                        store.child(directory, shard.index().name())));
            }
            check(manifest, shards, store.child(directory, Manifest.FILE_NAME));
            return new PreparedData(manifest, tokenizer, shards, softMasked, unknown);
        } catch (IOException | RuntimeException e) {
            for (TokenShardReader shard : shards) {
                shard.close();
            }
            throw e;
        }
    }

    public Manifest manifest() {
        return manifest;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** @throws IllegalArgumentException when the data holds no such stream */
    public TokenStream stream(int record, Strand strand, int phase) {
        TokenStream stream = streams.get(new StreamKey(record, strand, phase));
        if (stream == null) {
            throw new IllegalArgumentException(
                    "no tokens of record " + record + ", strand " + strand + ", phase " + phase);
        }
        return stream;
    }

    /** @return the record's bases written in lower case */
    public Intervals softMasked(int record) {
        return softMasked.get(record);
    }

    /** @return the record's letters other than A, C, G, T */
    public Intervals unknown(int record) {
        return unknown.get(record);
    }

    @Override
    public void close() throws IOException {
        for (TokenShardReader shard : shards) {
            shard.close();
        }
    }

    private static void verify(FileStore store, String directory, Manifest.DataFile file) throws IOException {
        String path = store.child(directory, file.name());
        try {
            long length = store.length(path);
            if (length != file.bytes()) {
                throw new UserError(path + ": " + length + " bytes, but " + Manifest.FILE_NAME + " says " + file.bytes()
                        + "; restore the file or prepare the data again");
            }
            Checksum.verify(store, path, file.checksum());
        } catch (FileNotFoundException | NoSuchFileException e) {
            throw new UserError(
                    path + ": no such file, but " + Manifest.FILE_NAME + " names it; prepare the data again", e);
        }
    }

    private static List<Intervals> intervals(
            FileStore store, String directory, Manifest manifest, Manifest.DataFile file) throws IOException {
        String path = store.child(directory, file.name());
        List<Intervals> intervals = IntervalFile.read(store, path);
        if (intervals.size() != manifest.records().size()) {
            throw new UserError(path + ": holds " + intervals.size() + " records, but " + Manifest.FILE_NAME + " has "
                    + manifest.records().size() + "; prepare the data again");
        }
        return intervals;
    }

    // A manifest with right checksums may still be edited by hand or come from elsewhere.
    private static void check(Manifest manifest, List<TokenShardReader> shards, String path) {
        for (Manifest.Sequence sequence : manifest.sequences()) {
            boolean known = sequence.shard() >= 0
                    && sequence.shard() < shards.size()
                    && sequence.record() >= 0
                    && sequence.record() < manifest.records().size()
                    && sequence.sequence() >= 0
                    && sequence.sequence() < shards.get(sequence.shard()).sequences()
                    && shards.get(sequence.shard()).length((int) sequence.sequence()) == sequence.tokens();
            if (!known) {
                throw new UserError(path + ": " + sequence + " is not in its shard; prepare the data again");
            }
        }
        for (Region region : manifest.split().heldOut()) {
            if (region.record() >= manifest.records().size()
                    || region.end() > manifest.records().get(region.record()).bases()) {
                throw new UserError(
                        path + ": held-out " + region + " does not lie in a record; prepare the data again");
            }
        }
    }

    private static Map<StreamKey, TokenStream> streams(
            Manifest manifest, Tokenizer tokenizer, List<TokenShardReader> shards) {
        Map<StreamKey, List<TokenStream.Part>> parts = new HashMap<>();
        for (Manifest.Sequence sequence : manifest.sequences()) {
            parts.computeIfAbsent(
                            new StreamKey(sequence.record(), sequence.strand(), sequence.phase()),
                            key -> new ArrayList<>())
                    .add(new TokenStream.Part(
                            shards.get(sequence.shard()),
                            (int) sequence.sequence(),
                            sequence.firstToken(),
                            sequence.tokens()));
        }
        Map<StreamKey, TokenStream> streams = new HashMap<>();
        parts.forEach((key, list) -> {
            list.sort(Comparator.comparingLong(TokenStream.Part::firstToken));
            streams.put(key, new TokenStream(key.record(), key.strand(), key.phase(), tokenizer, list));
        });
        return streams;
    }
}
