package io.longstrand.genome.sequence;

import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Finds the blocks of a BGZF file (SAM specification, section 4.1) from any byte on. */
final class BgzfBlocks {
    private static final int LONGEST_BLOCK = 1 << 16;
    private static final int HEADER_BYTES = 18;

    private final FileStore store;

    BgzfBlocks(FileStore store) {
        this.store = store;
    }

    /**
     * The first block that begins at or after byte {@code from}, confirmed by another behind it.
     *
     * @return its byte, or −1 when there is none before the last block
     */
    long blockAfter(String path, long from) throws IOException {
        byte[] bytes = new byte[2 * LONGEST_BLOCK + HEADER_BYTES];
        int length;
        try (InputStream input = store.open(path, from)) {
            length = input.readNBytes(bytes, 0, bytes.length);
        }
        byte[] read = Arrays.copyOf(bytes, length);
        for (int i = 0; i < Math.min(length, LONGEST_BLOCK); i++) {
            int blockLength = blockLength(read, i);
            if (blockLength > 0 && blockLength(read, i + blockLength) > 0) {
                return from + i;
            }
        }
        return -1;
    }

    /** @return bytes of the block that begins at {@code at}, or −1 when none does */
    static int blockLength(byte[] bytes, int at) {
        if (at < 0 || at + HEADER_BYTES > bytes.length) {
            return -1;
        }
        boolean block = bytes[at] == 0x1f
                && (bytes[at + 1] & 0xff) == 0x8b
                && bytes[at + 2] == 8
                && (bytes[at + 3] & 4) != 0
                && bytes[at + 10] == 6
                && bytes[at + 11] == 0
                && bytes[at + 12] == 'B'
                && bytes[at + 13] == 'C'
                && bytes[at + 14] == 2
                && bytes[at + 15] == 0;
        return block ? ((bytes[at + 16] & 0xff) | (bytes[at + 17] & 0xff) << 8) + 1 : -1;
    }
}
