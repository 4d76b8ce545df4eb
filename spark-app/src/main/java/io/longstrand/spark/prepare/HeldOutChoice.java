package io.longstrand.spark.prepare;

import io.longstrand.config.DataSection.SplitKind;
import io.longstrand.config.UserError;
import io.longstrand.genome.sample.HoldOut;
import io.longstrand.genome.sample.LeakCheck;
import io.longstrand.genome.sample.RecordClusters;
import io.longstrand.genome.sequence.RecordDescription;
import io.longstrand.genome.token.Manifest;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.genome.token.Split;
import io.longstrand.genome.token.Tokenizer;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** Chooses what prepared data holds out for validation, and warns when training has seen much of it. */
final class HeldOutChoice {
    /** Share of its words that makes a record related to another. */
    private static final double RELATED = 0.05;
    /** Repeats of a clean bacterial split stay below. */
    private static final double LEAK = 0.05;

    private final FileStore store;
    private final PrepareRequest request;
    private final PrepareProgress progress;

    HeldOutChoice(FileStore store, PrepareRequest request, PrepareProgress progress) {
        this.store = store;
        this.request = request;
        this.progress = progress;
    }

    /** @throws UserError when these records cannot be split as asked; known before anything is written */
    void check(List<RecordDescription> records, Tokenizer tokenizer) {
        if (request.heldOut() > 0 && request.splitKind() != SplitKind.CLUSTER) {
            choose(holdOut(records), tokenizer);
        }
    }

    /**
     * Chooses for data that is in {@code directory}, and writes its manifest again if that changes it.
     *
     * @return the manifest with the choice
     */
    Manifest renew(Manifest manifest, String directory, Tokenizer tokenizer) throws IOException {
        Manifest chosen = manifest.withSplit(split(manifest, directory, tokenizer));
        if (chosen.equals(manifest)) {
            return manifest;
        }
        chosen.write(store, directory);
        if (!chosen.split().heldOut().isEmpty()) {
            try (PreparedData data = PreparedData.open(store, directory)) {
                new LeakCheck(data, LEAK).check().warning().ifPresent(warning -> progress.say("warning: %s", warning));
            }
        }
        return chosen;
    }

    private Split split(Manifest manifest, String directory, Tokenizer tokenizer) throws IOException {
        if (request.heldOut() == 0) {
            return new Split(request.splitKind().name().toLowerCase(Locale.ROOT), List.of());
        }
        HoldOut holdOut = holdOut(manifest.records());
        if (request.splitKind() != SplitKind.CLUSTER) {
            return choose(holdOut, tokenizer);
        }
        try (PreparedData data = PreparedData.open(store, directory)) {
            return holdOut.byCluster(new RecordClusters(data, RELATED).find(), request.seed());
        }
    }

    private HoldOut holdOut(List<RecordDescription> records) {
        return new HoldOut(records.stream().mapToLong(RecordDescription::bases).toArray(), request.heldOut());
    }

    private Split choose(HoldOut holdOut, Tokenizer tokenizer) {
        return request.splitKind() == SplitKind.RECORD
                ? holdOut.byRecord(request.seed())
                : holdOut.byRegion(Math.max(1, tokenizer.width()));
    }
}
