package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.Compression;
import io.longstrand.genome.sequence.SequenceSource;
import io.longstrand.genome.sequence.SequenceSplit;
import io.longstrand.genome.sequence.SourceInspector;
import io.longstrand.genome.sequence.SplitCensus;
import io.longstrand.genome.sequence.SplitPlanner;
import io.longstrand.genome.sequence.SplitSummary;
import io.longstrand.genome.token.Manifest.SourceFile;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The first pass over all inputs, one Spark job: what each split holds, and the checksum of every file.
 *
 * @param sources the inputs with their checksums, in the order given
 * @param splits of all inputs, in order
 * @param summaries what each split holds
 */
record SourceSurvey(List<SourceFile> sources, List<SequenceSplit> splits, List<SplitSummary> summaries) {

    /** One task: either the checksum of a file or the census of a split. */
    private record Piece(String checksumOf, SequenceSplit censusOf) implements Serializable {}

    /** What a task found: one of the two. */
    private record Finding(String checksum, SplitSummary summary) implements Serializable {}

    /** @throws io.longstrand.config.UserError when an input is missing or plainly no sequence file */
    static SourceSurvey of(FileStore store, ParallelTasks tasks, PrepareRequest request, PrepareProgress progress)
            throws IOException {
        SourceInspector inspector = new SourceInspector(store);
        SplitPlanner planner = new SplitPlanner(store, request.splitBytes());
        List<SequenceSource> sources = new ArrayList<>();
        List<SequenceSplit> splits = new ArrayList<>();
        for (String input : request.inputs()) {
            SequenceSource source = inspector.inspect(input);
            if (source.compression() == Compression.GZIP && source.bytes() > request.splitBytes()) {
                progress.say(
                        "%s is plain gzip, which one task must read from its beginning: compress it with bgzip instead",
                        input);
            }
            sources.add(source);
            splits.addAll(planner.plan(source));
        }
        List<Piece> pieces = new ArrayList<>();
        for (SequenceSource source : sources) {
            pieces.add(new Piece(source.path(), null));
        }
        for (SequenceSplit split : splits) {
            pieces.add(new Piece(null, split));
        }
        List<Finding> findings = tasks.run(
                "Counting records and bases",
                pieces,
                piece -> piece.checksumOf() != null
                        ? new Finding(Checksum.ofFile(store, piece.checksumOf()), null)
                        : new Finding(null, new SplitCensus(store).count(piece.censusOf())),
                finished -> progress.done("counting", finished, pieces.size()));
        List<SourceFile> files = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            files.add(new SourceFile(
                    sources.get(i).path(),
                    sources.get(i).bytes(),
                    findings.get(i).checksum()));
        }
        List<SplitSummary> summaries = findings.subList(sources.size(), findings.size()).stream()
                .map(Finding::summary)
                .toList();
        return new SourceSurvey(files, splits, summaries);
    }
}
