package io.longstrand.genome.token;

import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.sequence.Strand;
import io.longstrand.genome.sequence.Topology;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Writes small genomes as prepared data, the way prepare does, without Spark. */
public final class PreparedDirectory {
    private final FileStore store;
    private final Path directory;

    public PreparedDirectory(Path directory) throws IOException {
        this.store = FileStore.local();
        this.directory = directory;
    }

    /** The one record of the bundled genome. */
    public static byte[] helicobacter() throws IOException {
        return fasta(Path.of("../conf/genomes/hpylori_G27.fa.gz"));
    }

    /** The letters of a gzipped FASTA file with one record. */
    public static byte[] fasta(Path path) throws IOException {
        StringBuilder letters = new StringBuilder();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(path)), StandardCharsets.US_ASCII))) {
            lines.lines().filter(line -> !line.startsWith(">")).forEach(line -> letters.append(line.strip()));
        }
        return letters.toString().getBytes(StandardCharsets.US_ASCII);
    }

    public PreparedData write(Tokenizer tokenizer, Split split, List<byte[]> records) throws IOException {
        List<WrittenSequence> written = new ArrayList<>();
        List<Manifest.Sequence> sequences = new ArrayList<>();
        List<RecordDescription> descriptions = new ArrayList<>();
        List<Intervals> softMasked = new ArrayList<>();
        List<Intervals> unknown = new ArrayList<>();
        int phases = tokenizer.phases();
        boolean both = tokenizer.reverseStrand() == ReverseStrand.STORED;
        try (OutputStream data = Files.newOutputStream(directory.resolve("tokens-0.bin"));
                OutputStream index = Files.newOutputStream(directory.resolve("tokens-0.idx"));
                TokenShardWriter writer = new TokenShardWriter(
                        data, index, TokenType.forVocabulary(tokenizer.vocabularySize()), directory, 1000)) {
            for (int record = 0; record < records.size(); record++) {
                byte[] letters = records.get(record);
                writer.beginDocument(both ? 2 : phases);
                DocumentEncoder forward = new DocumentEncoder(tokenizer, writer, 0);
                for (int at = 0; at < letters.length; at += 77) {
                    forward.add(letters, at, Math.min(letters.length, at + 77));
                }
                forward.end();
                if (both) {
                    DocumentEncoder reverse = new DocumentEncoder(tokenizer, writer, 1);
                    reverse.add(reverseComplement(letters), 0, letters.length);
                    reverse.end();
                }
                written = writer.endDocument();
                for (WrittenSequence sequence : written) {
                    sequences.add(new Manifest.Sequence(
                            record,
                            both && sequence.stream() == 1 ? Strand.REVERSE : Strand.FORWARD,
                            both ? 0 : sequence.stream(),
                            sequence.firstToken(),
                            sequence.tokens(),
                            0,
                            sequence.sequence()));
                }
                descriptions.add(new RecordDescription(
                        record, "record-" + record, "test.fa", letters.length, Topology.LINEAR, List.of()));
                softMasked.add(intervals(letters, Character::isLowerCase));
                unknown.add(intervals(letters, letter -> Nucleotide.code((byte) letter) == Nucleotide.UNKNOWN));
            }
        }
        try (OutputStream output = Files.newOutputStream(directory.resolve("soft-masked"))) {
            IntervalFile.write(output, softMasked);
        }
        try (OutputStream output = Files.newOutputStream(directory.resolve("unknown"))) {
            IntervalFile.write(output, unknown);
        }
        new Manifest(
                        Manifest.VERSION,
                        List.of(),
                        descriptions,
                        tokenizer.description(),
                        List.of(new Manifest.Shard(file("tokens-0.bin"), file("tokens-0.idx"))),
                        sequences,
                        split,
                        file("soft-masked"),
                        file("unknown"))
                .write(store, directory.toString());
        return PreparedData.open(store, directory.toString());
    }

    public static byte[] reverseComplement(byte[] letters) {
        byte[] reversed = new byte[letters.length];
        for (int i = 0; i < letters.length; i++) {
            byte code = Nucleotide.code(letters[letters.length - 1 - i]);
            reversed[i] = Nucleotide.letter(Nucleotide.complement(code));
        }
        return reversed;
    }

    private Manifest.DataFile file(String name) throws IOException {
        String path = directory.resolve(name).toString();
        return new Manifest.DataFile(name, store.length(path), Checksum.ofFile(store, path));
    }

    private static Intervals intervals(byte[] letters, java.util.function.IntPredicate belongs) {
        Intervals.Builder intervals = new Intervals.Builder();
        for (int i = 0; i < letters.length; i++) {
            if (belongs.test(letters[i])) {
                intervals.add(i, i + 1);
            }
        }
        return intervals.build();
    }
}
