package io.longstrand.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes FASTA of random bases, in lines of 80, soft-masked in stretches, fast enough for gigabytes. */
final class FastaGenerator {
    private static final int LINE = 80;
    private static final int MASKED_LINE = 5;

    private long state = 0x9e3779b97f4a7c15L;
    private int record;
    private long line;

    /**
     * Writes a file of about {@code bytes} bytes.
     *
     * @param shortest bases of the shortest record
     * @param longest bases of the longest; between them lengths are spread evenly over the orders of magnitude
     */
    void write(Path path, long bytes, long shortest, long longest) throws IOException {
        try (OutputStream output = new BufferedOutputStream(Files.newOutputStream(path), 1 << 20)) {
            long written = 0;
            while (written < bytes) {
                double share = (next() >>> 11) / (double) (1L << 53);
                double length = shortest * Math.pow((double) longest / shortest, share);
                written += writeRecord(output, Math.min((long) length, Math.max(1, bytes - written)));
            }
        }
    }

    private long writeRecord(OutputStream output, long bases) throws IOException {
        byte[] header = (">record" + record++ + " random\n").getBytes(StandardCharsets.US_ASCII);
        output.write(header);
        byte[] text = new byte[LINE + 1];
        for (long done = 0; done < bases; done += LINE) {
            int length = (int) Math.min(LINE, bases - done);
            byte masked = (byte) (line++ % MASKED_LINE == 0 ? 0x20 : 0);
            long bits = 0;
            for (int i = 0; i < length; i++) {
                bits = i % 32 == 0 ? next() : bits >>> 2;
                text[i] = (byte) ("ACGT".charAt((int) (bits & 3)) | masked);
            }
            text[length] = '\n';
            output.write(text, 0, length + 1);
        }
        return header.length + bases + (bases + LINE - 1) / LINE;
    }

    /** xorshift64 (Marsaglia, 2003). */
    private long next() {
        state ^= state << 13;
        state ^= state >>> 7;
        state ^= state << 17;
        return state;
    }
}
