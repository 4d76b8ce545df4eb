package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.FragmentHandler;
import io.longstrand.genome.sequence.FragmentReader;
import io.longstrand.genome.token.ReverseStrand;
import io.longstrand.genome.token.TokenShardWriter;
import io.longstrand.genome.token.TokenType;
import io.longstrand.genome.token.Tokenizer;
import io.longstrand.storage.AtomicPublish;
import io.longstrand.storage.ChecksumOutput;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The work of one task of the second pass: reads a split and writes its token shard. */
final class PartEncoder {
    private final FileStore store;
    private final String directory;
    private final Tokenizer tokenizer;
    private final SplicedRecords spliced;

    /**
     * @param directory where the shards go
     * @param spliced the coding sequences to write instead of records; null to write records
     */
    PartEncoder(FileStore store, String directory, Tokenizer tokenizer, SplicedRecords spliced) {
        this.store = store;
        this.directory = directory;
        this.tokenizer = tokenizer;
        this.spliced = spliced;
    }

    /** Writes the shard of a part; its files appear when complete. */
    PartResult encode(PartPlan plan) throws IOException {
        PartFiles files = new PartFiles(store, directory, plan.part());
        Path spools = Files.createTempDirectory("longstrand-prepare");
        try (AtomicPublish data = AtomicPublish.to(store, files.data());
                AtomicPublish index = AtomicPublish.to(store, files.index());
                RecordSpool spool = new RecordSpool(spools.resolve("record"))) {
            ChecksumOutput dataOutput = new ChecksumOutput(store.create(data.staging()));
            ChecksumOutput indexOutput = new ChecksumOutput(store.create(index.staging()));
            TokenDocuments documents;
            try (TokenShardWriter writer = new TokenShardWriter(
                    dataOutput, indexOutput, TokenType.forVocabulary(tokenizer.vocabularySize()), spools)) {
                documents = new TokenDocuments(tokenizer, writer);
                reader().read(plan.split(), plan.start(), handler(documents, spool));
            }
            data.commit();
            index.commit();
            PartResult result = new PartResult(
                    dataOutput.bytes(),
                    dataOutput.checksum(),
                    indexOutput.bytes(),
                    indexOutput.checksum(),
                    documents.sequences(),
                    documents.intervals().softMasked(),
                    documents.intervals().unknown());
            files.markFinished(result);
            return result;
        } finally {
            Files.delete(spools);
        }
    }

    private FragmentReader reader() {
        boolean whole = spliced != null || tokenizer.reverseStrand() == ReverseStrand.STORED || tokenizer.width() == 0;
        return whole
                ? new FragmentReader(store, FragmentReader.WHOLE_RECORDS, 0)
                : new FragmentReader(store, tokenizer.width(), tokenizer.phases() - 1);
    }

    private FragmentHandler handler(TokenDocuments documents, RecordSpool spool) {
        if (spliced != null) {
            return new SplicedFragments(documents, spool, spliced);
        }
        return tokenizer.reverseStrand() == ReverseStrand.STORED
                ? new BothStrandFragments(documents, spool)
                : new ForwardFragments(documents);
    }
}
