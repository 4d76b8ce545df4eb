package io.longstrand.genome.token;

import java.io.IOException;

/**
 * Encodes one strand of one record into a shard while its letters pass by in pieces of any size: memory does not grow
 * with the record. With a fixed width, phase p goes to stream {@code firstStream + p}; otherwise there is one stream.
 */
public final class DocumentEncoder {
    /** Letters that merges are found among: a cut every so many, so the result does not depend on the pieces. */
    private static final int RUN = 1 << 14;
    /** Tokens that wait together; few enough for the first-level cache. */
    private static final int BUFFER = 1 << 12;

    private final Tokenizer tokenizer;
    private final TokenShardWriter writer;
    private final int firstStream;
    private final int[][] buffers;
    private final int[] filled;
    private final byte[] run = new byte[RUN];
    private final int[] words = new int[BUFFER];
    private int runLength;
    private long position;
    private int word;
    private int clean;

    /** @param writer with a document of at least {@code firstStream + phases} streams begun */
    public DocumentEncoder(Tokenizer tokenizer, TokenShardWriter writer, int firstStream) {
        this.tokenizer = tokenizer;
        this.writer = writer;
        this.firstStream = firstStream;
        this.buffers = new int[tokenizer.phases()][BUFFER + 1];
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

    private void addKmers(KmerTokenizer kmers, byte[] letters, int from, int to) throws IOException {
        for (int start = from; start < to; start += BUFFER) {
            addWords(kmers, letters, start, Math.min(to, start + BUFFER));
        }
    }

    // The word that ends at each base belongs to the phase of the base it starts at: all words first, then each phase
    // picks its own. Two plain loops are several times faster than one that does both.
    private void addWords(KmerTokenizer kmers, byte[] letters, int from, int to) throws IOException {
        int width = kmers.width();
        int mask = (1 << 2 * width) - 1;
        int unknown = kmers.specials().unknown();
        int first = kmers.tokenOfWord(0);
        int[] tokens = words;
        int currentWord = word;
        int currentClean = clean;
        for (int i = from; i < to; i++) {
            int code = Nucleotide.code(letters[i]);
            currentClean = code == Nucleotide.UNKNOWN ? 0 : currentClean + 1;
            currentWord = (currentWord << 2 | code & 3) & mask;
            tokens[i - from] = currentClean >= width ? first + currentWord : unknown;
        }
        word = currentWord;
        clean = Math.min(currentClean, width);
        for (int phase = 0; phase < buffers.length; phase++) {
            // The first base here that ends a word of this phase: its number in the record is phase + width - 1 more
            // than a multiple of the width.
            long end = Math.max(position, phase + width - 1L);
            int at = (int) (end - position + Math.floorMod(phase + width - 1L - end, (long) width));
            if (filled[phase] + (to - from) / width > BUFFER) {
                flush(phase);
            }
            int[] buffer = buffers[phase];
            int count = filled[phase];
            for (int i = at; i < to - from; i += width) {
                buffer[count++] = tokens[i];
            }
            filled[phase] = count;
        }
        position += to - from;
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
