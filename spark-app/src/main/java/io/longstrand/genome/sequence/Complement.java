package io.longstrand.genome.sequence;

/** The letter on the other strand for every IUPAC nucleotide code, case kept. */
public final class Complement {
    private static final byte[] TABLE = table();

    private Complement() {}

    /** @return the complement of an IUPAC letter (NC-IUB 1984); any other byte is itself */
    public static byte of(byte letter) {
        return TABLE[letter & 0xff];
    }

    /** Reverses {@code letters[from, to)} and complements each, in place. */
    public static void reverse(byte[] letters, int from, int to) {
        int low = from;
        int high = to - 1;
        while (low <= high) {
            byte letter = of(letters[low]);
            letters[low++] = of(letters[high]);
            letters[high--] = letter;
        }
    }

    private static byte[] table() {
        byte[] table = new byte[256];
        for (int i = 0; i < table.length; i++) {
            table[i] = (byte) i;
        }
        String letters = "ACGTRYKMBDHVSWN";
        String complements = "TGCAYRMKVHDBSWN";
        for (int i = 0; i < letters.length(); i++) {
            table[letters.charAt(i)] = (byte) complements.charAt(i);
            table[Character.toLowerCase(letters.charAt(i))] = (byte) Character.toLowerCase(complements.charAt(i));
        }
        return table;
    }
}
