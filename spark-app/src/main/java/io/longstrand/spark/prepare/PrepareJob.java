package io.longstrand.spark.prepare;

import io.longstrand.config.UserError;
import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.sequence.RecordTable;
import io.longstrand.genome.sequence.SequenceSplit;
import io.longstrand.genome.token.JsonTokenizer;
import io.longstrand.genome.token.Manifest;
import io.longstrand.genome.token.Manifest.SourceFile;
import io.longstrand.genome.token.Tokenizer;
import io.longstrand.genome.token.TokenizerLoader;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Turns genome files into token shard files with a manifest, in two Spark jobs over splits; no record is ever held in
 * memory. The data directory appears when complete. A job that failed finds its finished parts again when the same
 * request is made, by their checksums. The same request gives the same bytes, whatever the parallelism.
 */
public final class PrepareJob {
    private static final String CODON_BY_FRAME = "codon-by-frame";

    private final JavaSparkContext context;
    private final FileStore store;
    private final PrepareProgress progress;

    /** @param progress where a person reads how it goes */
    public PrepareJob(JavaSparkContext context, PrepareProgress progress) throws IOException {
        this.context = context;
        this.store = new FileStore(context.hadoopConfiguration());
        this.progress = progress;
    }

    /**
     * Prepares, unless the directory already holds what these inputs and this tokeniser give; then only the choice of
     * what is held out is made anew.
     *
     * @throws UserError when an input is malformed, the tokeniser is unknown or the directory holds something else; then
     *     nothing has been written
     * @throws io.longstrand.config.RunFailure when a task failed; finished parts are kept for the next attempt
     */
    public PrepareResult run(PrepareRequest request) throws IOException {
        long started = System.nanoTime();
        Tokenizer tokenizer = new TokenizerLoader(store).byName(request.tokenizer());
        refuseForeignDirectory(request.directory());
        ParallelTasks tasks = new ParallelTasks(context);
        SourceSurvey survey = SourceSurvey.of(store, tasks, request, progress);
        RecordTable table = new RecordTable(survey.splits(), survey.summaries());
        SplicedRecords spliced =
                request.tokenizer().equals(CODON_BY_FRAME) ? new SplicedRecords(table.records()) : null;
        List<RecordDescription> records = spliced == null ? table.records() : spliced.descriptions();
        HeldOutChoice choice = new HeldOutChoice(store, request, progress);
        choice.check(records, tokenizer);
        long inputBytes = survey.sources().stream().mapToLong(SourceFile::bytes).sum();

        Optional<Manifest> existing = existing(request.directory(), survey.sources(), tokenizer);
        Manifest manifest = existing.isPresent()
                ? choice.renew(existing.get(), request.directory(), tokenizer)
                : encode(request, tasks, survey, table, spliced, records, choice, tokenizer);
        PrepareResult result =
                new PrepareResult(manifest, existing.isPresent(), inputBytes, (System.nanoTime() - started) / 1e9);
        summarize(request, result);
        return result;
    }

    private Manifest encode(
            PrepareRequest request,
            ParallelTasks tasks,
            SourceSurvey survey,
            RecordTable table,
            SplicedRecords spliced,
            List<RecordDescription> records,
            HeldOutChoice choice,
            Tokenizer tokenizer)
            throws IOException {
        String key = key(request, survey.sources(), tokenizer);
        try (AtomicPublish publish = AtomicPublish.resumable(store, request.directory(), key)) {
            String staging = publish.staging();
            store.createDirectories(staging);
            List<PartResult> parts = parts(request, tasks, survey, table, spliced, staging);
            ManifestAssembly assembly = new ManifestAssembly(store, staging, tokenizer);
            Manifest whole = assembly.assemble(survey.sources(), records, parts);
            if (tokenizer instanceof JsonTokenizer) {
                copy(request.tokenizer(), store.child(staging, JsonTokenizer.FILE_NAME));
            }
            whole.write(store, staging);
            Manifest manifest = choice.renew(whole, staging, tokenizer);
            for (int part = 0; part < parts.size(); part++) {
                new PartFiles(store, staging, part).finish(parts.get(part));
            }
            publish.commit();
            return manifest;
        }
    }

    private List<PartResult> parts(
            PrepareRequest request,
            ParallelTasks tasks,
            SourceSurvey survey,
            RecordTable table,
            SplicedRecords spliced,
            String staging)
            throws IOException {
        List<SequenceSplit> splits = survey.splits();
        PartResult[] results = new PartResult[splits.size()];
        List<PartPlan> open = new ArrayList<>();
        for (int part = 0; part < splits.size(); part++) {
            results[part] = new PartFiles(store, staging, part).finished().orElse(null);
            if (results[part] == null) {
                open.add(new PartPlan(part, splits.get(part), table.starts().get(part)));
            }
        }
        if (open.size() < splits.size()) {
            progress.say("%d of %d parts were finished before", splits.size() - open.size(), splits.size());
        }
        FileStore files = store;
        String tokenizerName = request.tokenizer();
        List<PartResult> encoded = tasks.run(
                "Encoding tokens",
                open,
                plan -> {
                    Tokenizer tokenizer = new TokenizerLoader(files).byName(tokenizerName);
                    return new PartEncoder(files, staging, tokenizer, spliced).encode(plan);
                },
                finished -> progress.done("encoding", finished, open.size()));
        for (int i = 0; i < open.size(); i++) {
            results[open.get(i).part()] = encoded.get(i);
        }
        return Arrays.asList(results);
    }

    /** What decides the bytes of every part. */
    private static String key(PrepareRequest request, List<SourceFile> sources, Tokenizer tokenizer) {
        StringBuilder plan = new StringBuilder();
        plan.append(Manifest.VERSION).append('\n').append(request.splitBytes()).append('\n');
        plan.append(tokenizer.description().name()).append('\n');
        plan.append(new java.util.TreeMap<>(tokenizer.description().parameters()))
                .append('\n');
        for (SourceFile source : sources) {
            plan.append(source.checksum()).append('\n');
        }
        byte[] bytes = plan.toString().getBytes(StandardCharsets.UTF_8);
        Checksum checksum = new Checksum();
        checksum.update(bytes, 0, bytes.length);
        return checksum.value().substring(0, 16);
    }

    /** Publishing replaces the directory, so it must hold nothing but prepared data. */
    private void refuseForeignDirectory(String directory) throws IOException {
        boolean foreign = store.exists(directory)
                && (!store.isDirectory(directory)
                        || !store.exists(store.child(directory, Manifest.FILE_NAME))
                                && !store.list(directory).isEmpty());
        if (foreign) {
            throw new UserError(directory + ": holds something other than prepared data; give data.directory an empty "
                    + "or new directory");
        }
    }

    private Optional<Manifest> existing(String directory, List<SourceFile> sources, Tokenizer tokenizer)
            throws IOException {
        if (!store.exists(store.child(directory, Manifest.FILE_NAME))) {
            return Optional.empty();
        }
        Manifest manifest;
        try {
            manifest = Manifest.read(store, directory);
        } catch (UserError e) {
            progress.say("%s", e.getMessage());
            return Optional.empty();
        }
        List<String> before =
                manifest.sources().stream().map(SourceFile::checksum).toList();
        List<String> now = sources.stream().map(SourceFile::checksum).toList();
        boolean same = before.equals(now) && manifest.tokenizer().equals(tokenizer.description());
        return same ? Optional.of(manifest) : Optional.empty();
    }

    private void copy(String from, String to) throws IOException {
        try (InputStream input = store.open(from);
                OutputStream output = store.create(to)) {
            input.transferTo(output);
        }
    }

    private void summarize(PrepareRequest request, PrepareResult result) {
        Manifest manifest = result.manifest();
        progress.say(
                "%s %,d record%s, %,d bases as %s tokens in %d shard%s, %,d bases held out, in %.1f s: %s",
                result.reused() ? "found" : "wrote",
                manifest.records().size(),
                manifest.records().size() == 1 ? "" : "s",
                manifest.bases(),
                manifest.tokenizer().name(),
                manifest.shards().size(),
                manifest.shards().size() == 1 ? "" : "s",
                manifest.split().bases(),
                result.seconds(),
                request.directory());
    }
}
