package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.genome.token.IntervalFile;
import io.longstrand.genome.token.Intervals;
import io.longstrand.genome.token.Manifest;
import io.longstrand.genome.token.Split;
import io.longstrand.genome.token.Tokenizer;
import io.longstrand.storage.ChecksumOutput;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Puts the manifest and the interval files together from what the parts hold. */
final class ManifestAssembly {
    private static final String SOFT_MASKED = "soft-masked.intervals";
    private static final String UNKNOWN = "unknown.intervals";

    private final FileStore store;
    private final String directory;
    private final Tokenizer tokenizer;

    ManifestAssembly(FileStore store, String directory, Tokenizer tokenizer) {
        this.store = store;
        this.directory = directory;
        this.tokenizer = tokenizer;
    }

    /**
     * Writes the interval files and returns the manifest, which holds nothing out yet and is not written.
     *
     * @param parts of all splits, in order
     */
    Manifest assemble(List<Manifest.SourceFile> sources, List<RecordDescription> records, List<PartResult> parts)
            throws IOException {
        List<Manifest.Shard> shards = new ArrayList<>();
        List<Manifest.Sequence> sequences = new ArrayList<>();
        List<Intervals.Builder> softMasked = builders(records.size());
        List<Intervals.Builder> unknown = builders(records.size());
        long[] tokensBefore = new long[2 * tokenizer.phases()];
        long openRecord = -1;
        for (int part = 0; part < parts.size(); part++) {
            PartResult result = parts.get(part);
            long[] entries = result.sequences();
            for (int i = 0; i < entries.length; i += PartResult.ENTRY) {
                if (entries[i] != openRecord) {
                    openRecord = entries[i];
                    java.util.Arrays.fill(tokensBefore, 0);
                }
                int stream = (int) entries[i + 1];
                long tokens = entries[i + 2];
                sequences.add(new Manifest.Sequence(
                        (int) openRecord,
                        stream < tokenizer.phases() ? Strand.FORWARD : Strand.REVERSE,
                        stream % tokenizer.phases(),
                        tokensBefore[stream],
                        tokens,
                        shards.size(),
                        i / PartResult.ENTRY));
                tokensBefore[stream] += tokens;
            }
            add(result.softMasked(), softMasked);
            add(result.unknown(), unknown);
            if (entries.length > 0) {
                PartFiles files = new PartFiles(store, directory, part);
                shards.add(new Manifest.Shard(
                        new Manifest.DataFile(files.dataName(), result.dataBytes(), result.dataChecksum()),
                        new Manifest.DataFile(files.indexName(), result.indexBytes(), result.indexChecksum())));
            }
        }
        return new Manifest(
                Manifest.VERSION,
                sources,
                records,
                tokenizer.description(),
                shards,
                sequences,
                new Split("region", List.of()),
                write(SOFT_MASKED, softMasked),
                write(UNKNOWN, unknown));
    }

    private static List<Intervals.Builder> builders(int count) {
        List<Intervals.Builder> builders = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            builders.add(new Intervals.Builder());
        }
        return builders;
    }

    private static void add(long[] entries, List<Intervals.Builder> records) {
        for (int i = 0; i < entries.length; i += PartResult.ENTRY) {
            records.get((int) entries[i]).add(entries[i + 1], entries[i + 2]);
        }
    }

    private Manifest.DataFile write(String name, List<Intervals.Builder> records) throws IOException {
        ChecksumOutput output = new ChecksumOutput(store.create(store.child(directory, name)));
        try (output) {
            IntervalFile.write(
                    output, records.stream().map(Intervals.Builder::build).toList());
        }
        return new Manifest.DataFile(name, output.bytes(), output.checksum());
    }
}
