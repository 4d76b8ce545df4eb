package io.longstrand.spark.prepare;

import io.longstrand.genome.sequence.FragmentHandler;
import java.io.IOException;

/** Every fragment of a record becomes a document: the way of tokenisers that need one strand only. */
final class ForwardFragments implements FragmentHandler {
    private final TokenDocuments documents;

    ForwardFragments(TokenDocuments documents) {
        this.documents = documents;
    }

    @Override
    public void beginFragment(int record, long start) throws IOException {
        documents.begin(record, start);
    }

    @Override
    public void bases(byte[] letters, int from, int to) throws IOException {
        documents.forward(letters, from, to);
    }

    @Override
    public void following(byte[] letters, int from, int to) throws IOException {
        documents.following(letters, from, to);
    }

    @Override
    public void endFragment() throws IOException {
        documents.end();
    }
}
