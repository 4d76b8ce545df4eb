package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.FragmentHandler;
import java.io.IOException;

/** Whole records become documents of both strands: the way of tokenisers whose merges depend on direction. */
final class BothStrandFragments implements FragmentHandler {
    private final TokenDocuments documents;
    private final RecordSpool spool;

    BothStrandFragments(TokenDocuments documents, RecordSpool spool) {
        this.documents = documents;
        this.spool = spool;
    }

    @Override
    public void beginFragment(int record, long start) throws IOException {
        documents.begin(record, start);
        spool.clear();
    }

    @Override
    public void bases(byte[] letters, int from, int to) throws IOException {
        documents.forward(letters, from, to);
        spool.add(letters, from, to);
    }

    @Override
    public void following(byte[] letters, int from, int to) {
        throw new IllegalStateException("whole records have nothing behind them");
    }

    @Override
    public void endFragment() throws IOException {
        spool.reverse(0, spool.length(), documents::reverse);
        documents.end();
    }
}
