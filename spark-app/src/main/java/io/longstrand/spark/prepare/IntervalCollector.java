package io.longstrand.spark.prepare;

import io.longstrand.genome.token.Nucleotide;

/** Finds the soft-masked and the unknown stretches of records while their letters pass by. */
final class IntervalCollector {
    private static final int SOFT_MASKED = 1;
    private static final int UNKNOWN = 2;
    private static final byte[] KINDS = kinds();

    private final NumberList softMasked = new NumberList();
    private final NumberList unknown = new NumberList();
    private int record;
    private long position;
    private int kind;
    private long softMaskedStart;
    private long unknownStart;

    /** Begins at a base of a record. */
    void begin(int newRecord, long start) {
        record = newRecord;
        position = start;
        kind = 0;
    }

    /** Takes the next letters, {@code letters[from, to)}. */
    void add(byte[] letters, int from, int to) {
        int current = kind;
        for (int i = from; i < to; i++) {
            int next = KINDS[letters[i] & 0xff];
            if (next != current) {
                change(current, next, position + i - from);
                current = next;
            }
        }
        kind = current;
        position += to - from;
    }

    /** Ends the stretches that reach up to here. */
    void end() {
        change(kind, 0, position);
        kind = 0;
    }

    /** Record, first base and one past the last, of each soft-masked stretch. */
    long[] softMasked() {
        return softMasked.toArray();
    }

    /** The same of each stretch of letters other than A, C, G, T. */
    long[] unknown() {
        return unknown.toArray();
    }

    private void change(int from, int to, long at) {
        int changed = from ^ to;
        if ((changed & SOFT_MASKED) != 0) {
            if ((to & SOFT_MASKED) != 0) {
                softMaskedStart = at;
            } else {
                softMasked.add(record, softMaskedStart, at);
            }
        }
        if ((changed & UNKNOWN) != 0) {
            if ((to & UNKNOWN) != 0) {
                unknownStart = at;
            } else {
                unknown.add(record, unknownStart, at);
            }
        }
    }

    private static byte[] kinds() {
        byte[] kinds = new byte[256];
        for (int letter = 0; letter < kinds.length; letter++) {
            int kind = letter >= 'a' && letter <= 'z' ? SOFT_MASKED : 0;
            kinds[letter] = (byte) (Nucleotide.code((byte) letter) == Nucleotide.UNKNOWN ? kind | UNKNOWN : kind);
        }
        return kinds;
    }
}
