package io.longstrand.genome.token;

import java.io.IOException;

/**
 * Encodes one strand of one record into a shard while its letters pass by in pieces of any size: memory does not grow
 * with the record. With a fixed width, phase p goes to stream {@code firstStream + p}; otherwise there is one stream.
 */
public final class DocumentEncoder {
    private static final int BUFFER = 1 << 14;

    private final Tokenizer tokenizer;
    private final TokenShardWriter writer;
    private final int firstStream;
    private final int[][] buffers;
    private final int[] filled;
    private final byte[] run = new byte[BUFFER];
    private int runLength;
    private long position;
    private int word;
    private int clean;

    /** @param writer with a document of at least {@code firstStream + phases} streams begun */
    public DocumentEncoder(Tokenizer tokenizer, TokenShardWriter writer, int firstStream) {
        this.tokenizer = tokenizer;
        this.writer = writer;
        this.firstStream = firstStream;
        this.buffers = new int[tokenizer.phases()][BUFFER];
        this.filled = new int[tokenizer.phases()];
    }

    /** Takes the record's next letters, {@code letters[from..to)}. */
    public void add(byte[] letters, int from, int to) throws IOException {
        if (tokenizer instanceof KmerTokenizer kmers) {
            addKmers(kmers, letters, from, to);
        } else {
            addRuns(letters, from, to);
        }
    }

    /** Ends the strand; letters after that begin another. The caller ends the document. */
    public void end() throws IOException {
        if (runLength > 0) {
            encodeRun();
        }
        for (int stream = 0; stream < buffers.length; stream++) {
            flush(stream);
        }
        position = 0;
        word = 0;
        clean = 0;
    }

    // One pass for all phases: the word that ends at each base belongs to the phase of the base it starts at.
    private void addKmers(KmerTokenizer kmers, byte[] letters, int from, int to) throws IOException {
        int width = kmers.width();
        int mask = (1 << 2 * width) - 1;
        int unknown = kmers.specials().unknown();
        int phase = (int) ((position + 1) % width); // of the word that ends at the next base
        for (int i = from; i < to; i++) {
            byte code = Nucleotide.code(letters[i]);
            if (code == Nucleotide.UNKNOWN) {
                clean = 0;
                word = word << 2 & mask;
            } else {
                clean++;
                word = (word << 2 | code) & mask;
            }
            position++;
            if (phase < buffers.length && position >= width) {
                if (filled[phase] == BUFFER) {
                    flush(phase);
                }
                buffers[phase][filled[phase]++] = clean >= width ? kmers.tokenOfWord(word) : unknown;
            }
            phase = phase + 1 == width ? 0 : phase + 1;
        }
        clean = Math.min(clean, width);
    }

    // Merges need context: letters are encoded in runs cut at fixed places, so the result does not depend on the
    // pieces.
    private void addRuns(byte[] letters, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            run[runLength++] = letters[i];
            if (runLength == run.length) {
                encodeRun();
            }
        }
    }

    private void encodeRun() throws IOException {
        for (int token : tokenizer.encode(run, 0, runLength)) {
            if (filled[0] == BUFFER) {
                flush(0);
            }
            buffers[0][filled[0]++] = token;
        }
        runLength = 0;
    }

    private void flush(int stream) throws IOException {
        writer.append(firstStream + stream, buffers[stream], 0, filled[stream]);
        filled[stream] = 0;
    }
}
