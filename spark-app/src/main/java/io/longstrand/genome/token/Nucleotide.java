package io.longstrand.genome.token;

/** The two-bit code of the four bases, A C G T = 0 1 2 3, so that the complement of a code is 3 minus it. */
public final class Nucleotide {
    /** The code of every letter that is not one of the four bases. */
    public static final byte UNKNOWN = 4;

    private static final byte[] CODES = codes();
    private static final byte[] LETTERS = {'A', 'C', 'G', 'T', 'N'};

    private Nucleotide() {}

    /** @param letter ASCII, either case, U read as T; @return 0..3, or {@link #UNKNOWN} */
    public static byte code(byte letter) {
        return CODES[letter & 0xff];
    }

    /** @param code 0..4; @return the upper-case letter, N for {@link #UNKNOWN} */
    public static byte letter(int code) {
        return LETTERS[code];
    }

    /** @param code 0..4; @return the code of the base on the other strand */
    public static byte complement(byte code) {
        return code == UNKNOWN ? UNKNOWN : (byte) (3 - code);
    }

    private static byte[] codes() {
        byte[] codes = new byte[256];
        java.util.Arrays.fill(codes, UNKNOWN);
        // Lower case marks repeats, not unknown bases: a table without it turns half a genome into UNK.
        String[] letters = {"Aa", "Cc", "Gg", "TtUu"};
        for (byte code = 0; code < 4; code++) {
            for (char letter : letters[code].toCharArray()) {
                codes[letter] = code;
            }
        }
        return codes;
    }
}
