package io.longstrand.bench;

import io.longstrand.config.DataSection.SplitKind;
import io.longstrand.config.RunFailure;
import io.longstrand.spark.prepare.LocalPreparation;
import io.longstrand.spark.prepare.PrepareProgress;
import io.longstrand.spark.prepare.PrepareRequest;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * How fast one core turns plain FASTA into token shards, checksums and all, and whether the heap it needs depends on the
 * length of the records.
 */
public final class PrepareBenchmark implements Benchmark {
    private static final long DEFAULT_BYTES = 1_000_000_000L;
    private static final double MEGABYTES_PER_SECOND = 50;
    private static final double HEAP_RATIO = 1.25;
    private static final double MEGABYTE = 1e6;

    private final long bytes;

    /** One file to prepare: what its records are like. */
    private record Shape(String name, long shortest, long longest) {}

    private final Shape huge;
    private final Shape small;
    private final List<Shape> shapes;

    /** With a gigabyte of FASTA. */
    public PrepareBenchmark() {
        this(DEFAULT_BYTES);
    }

    /** @param bytes of FASTA to generate for each case */
    public PrepareBenchmark(long bytes) {
        this.bytes = bytes;
        this.huge = new Shape("one", 2 * bytes, 2 * bytes);
        this.small = new Shape("small", 10_000, 10_000);
        this.shapes = List.of(new Shape("mixed", 200, Math.max(200, bytes / 4)), huge, small);
    }

    @Override
    public String name() {
        return "prepare";
    }

    @Override
    public String description() {
        return "FASTA to token shards on one core: speed, and heap by length of record";
    }

    @Override
    public List<Row> run(Selection selection, Consumer<String> tell) {
        try {
            FileStore store = FileStore.local();
            Path directory = Files.createTempDirectory("longstrand-bench");
            try (LocalPreparation preparation = new LocalPreparation(1)) {
                warmUp(preparation, directory);
                List<Row> rows = new ArrayList<>();
                long hugeHeap = 0;
                long smallHeap = 0;
                for (Shape shape : shapes) {
                    tell.accept(
                            String.format(Locale.ROOT, "records=%s: %.0f MB of FASTA", shape.name, bytes / MEGABYTE));
                    Path input = directory.resolve(shape.name + ".fa");
                    new FastaGenerator().write(input, bytes, shape.shortest, shape.longest);
                    for (String tokenizer : List.of("nucleotide", "3-mer")) {
                        double seconds = prepare(preparation, input, directory, tokenizer);
                        rows.add(Row.atLeast(
                                "records=" + shape.name + " tokenizer=" + tokenizer + " cores=1",
                                "prepareMegabytesPerSecond",
                                Files.size(input) / MEGABYTE / seconds,
                                "MB/s",
                                MEGABYTES_PER_SECOND));
                    }
                    long heap = heap(preparation, input, directory);
                    rows.add(Row.of("records=" + shape.name, "peakReachableHeap", heap / MEGABYTE, "MB"));
                    hugeHeap = shape.equals(huge) ? heap : hugeHeap;
                    smallHeap = shape.equals(small) ? heap : smallHeap;
                    Files.delete(input);
                }
                rows.add(Row.atMost(
                        "records=one", "heapToSmallRecords", (double) hugeHeap / smallHeap, "1", HEAP_RATIO));
                return rows;
            } finally {
                store.delete(directory.toString());
            }
        } catch (IOException e) {
            throw new RunFailure(
                    "bench prepare failed: " + e.getMessage() + "; it needs " + Math.round(3 * bytes / MEGABYTE)
                            + " MB in " + System.getProperty("java.io.tmpdir"),
                    e);
        }
    }

    /** The compiler's time is not the job's. */
    private void warmUp(LocalPreparation preparation, Path directory) throws IOException {
        Path input = directory.resolve("warm-up.fa");
        new FastaGenerator().write(input, Math.min(bytes, DEFAULT_BYTES / 10), 1000, 100_000);
        prepare(preparation, input, directory, "nucleotide");
        prepare(preparation, input, directory, "3-mer");
        Files.delete(input);
    }

    private static long heap(LocalPreparation preparation, Path input, Path directory) throws IOException {
        HeapWatch watch = new HeapWatch();
        try (watch) {
            prepare(preparation, input, directory, "3-mer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RunFailure("bench prepare was interrupted; run it again", e);
        }
        return watch.most();
    }

    private static double prepare(LocalPreparation preparation, Path input, Path directory, String tokenizer)
            throws IOException {
        Path data = directory.resolve("data");
        PrepareRequest request =
                new PrepareRequest(List.of(input.toString()), data.toString(), tokenizer, SplitKind.REGION, 0, 0);
        PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        double seconds = preparation.run(request, new PrepareProgress(silent)).seconds();
        FileStore.local().delete(data.toString());
        return seconds;
    }
}
