package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.CodingSequence.Exon;
import io.longstrand.genome.sequence.FragmentHandler;
import io.longstrand.genome.sequence.Strand;
import java.io.IOException;

/** Coding sequences become documents, spliced, on their own strand, from their first whole codon. */
final class SplicedFragments implements FragmentHandler {
    private final TokenDocuments documents;
    private final RecordSpool spool;
    private final SplicedRecords spliced;
    private int record;

    SplicedFragments(TokenDocuments documents, RecordSpool spool, SplicedRecords spliced) {
        this.documents = documents;
        this.spool = spool;
        this.spliced = spliced;
    }

    @Override
    public void beginFragment(int newRecord, long start) throws IOException {
        record = newRecord;
        spool.clear();
    }

    @Override
    public void bases(byte[] letters, int from, int to) throws IOException {
        spool.add(letters, from, to);
    }

    @Override
    public void following(byte[] letters, int from, int to) {
        throw new IllegalStateException("whole records have nothing behind them");
    }

    @Override
    public void endFragment() throws IOException {
        for (SplicedRecords.Spliced coding : spliced.of(record)) {
            documents.begin(coding.index(), 0);
            long skip = coding.skipped();
            for (Exon exon : coding.codingSequence().exons()) {
                long start = exon.interval().start();
                long end = exon.interval().end();
                long skipHere = Math.min(skip, end - start);
                skip -= skipHere;
                if (exon.strand() == Strand.FORWARD) {
                    spool.forward(start + skipHere, end, documents::forward);
                } else {
                    spool.reverse(start, end - skipHere, documents::forward);
                }
            }
            documents.end();
        }
    }
}
