package io.longstrand.spark.prepare;

import io.longstrand.genome.token.DocumentEncoder;
import io.longstrand.genome.token.ReverseStrand;
import io.longstrand.genome.token.TokenShardWriter;
import io.longstrand.genome.token.Tokenizer;
import io.longstrand.genome.token.WrittenSequence;
import java.io.IOException;

/** Writes stretches of records into a token shard, one document each, and keeps account of them. */
final class TokenDocuments {
    private final TokenShardWriter writer;
    private final int streams;
    private final DocumentEncoder forward;
    private final DocumentEncoder reverse;
    private final NumberList sequences = new NumberList();
    private final IntervalCollector intervals = new IntervalCollector();
    private int record;

    TokenDocuments(Tokenizer tokenizer, TokenShardWriter writer) {
        this.writer = writer;
        boolean stored = tokenizer.reverseStrand() == ReverseStrand.STORED;
        this.streams = stored ? 2 * tokenizer.phases() : tokenizer.phases();
        this.forward = new DocumentEncoder(tokenizer, writer, 0);
        this.reverse = stored ? new DocumentEncoder(tokenizer, writer, tokenizer.phases()) : null;
    }

    /** Begins a document at a base of a record. */
    void begin(int newRecord, long start) throws IOException {
        record = newRecord;
        writer.beginDocument(streams);
        intervals.begin(newRecord, start);
    }

    /** Takes the forward strand's next letters. */
    void forward(byte[] letters, int from, int to) throws IOException {
        intervals.add(letters, from, to);
        forward.add(letters, from, to);
    }

    /** Takes letters behind the document's end, which tokens that begin in it reach into. */
    void following(byte[] letters, int from, int to) throws IOException {
        forward.add(letters, from, to);
    }

    /** Takes the reverse strand's next letters, where the tokeniser stores that strand. */
    void reverse(byte[] letters, int from, int to) throws IOException {
        reverse.add(letters, from, to);
    }

    void end() throws IOException {
        intervals.end();
        forward.end();
        if (reverse != null) {
            reverse.end();
        }
        for (WrittenSequence sequence : writer.endDocument()) {
            sequences.add(record, sequence.stream(), sequence.tokens());
        }
    }

    /** Record, stream and tokens of each sequence written. */
    long[] sequences() {
        return sequences.toArray();
    }

    IntervalCollector intervals() {
        return intervals;
    }
}
