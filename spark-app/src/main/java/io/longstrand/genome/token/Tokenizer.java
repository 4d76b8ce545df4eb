package io.longstrand.genome.token;

/**
 * Letters of a genome to token ids and back. Every token stands for a fixed number of bases, so a position in tokens is
 * a position in bases by arithmetic or by adding up. Implementations are immutable and safe to share between threads.
 */
public interface Tokenizer {
    /** @return name, parameters and vocabulary, as kept in a manifest */
    TokenizerDescription description();

    /** @return the number of token ids, specials included */
    int vocabularySize();

    SpecialTokens specials();

    /** @return bases the token stands for: 0 for padding and begin; for unknown, the letters it replaced */
    int bases(int token);

    /** @return bases of every token but padding and begin when they are all equal, otherwise 0 */
    int width();

    /**
     * @return in how many phases a record is stored: sequence p of a document starts at base p. Equal to
     *     {@link #width()} where windows may start at any base, 1 where the frame is fixed
     */
    int phases();

    ReverseStrand reverseStrand();

    /** @return the token of the reverse complement; unknown and specials map to themselves; -1 where there is none */
    int reverseComplement(int token);

    /**
     * Encodes whole tokens from {@code letters[from]} on; with a fixed width, the last {@code (to - from) % width} letters
     * make no token.
     *
     * @param letters ASCII, either case
     * @return token ids in order
     */
    int[] encode(byte[] letters, int from, int to);

    /**
     * Writes the bases of a token.
     *
     * @param codes receives {@link #bases} codes 0..3, or {@link Nucleotide#UNKNOWN}, from {@code at} on
     */
    void decode(int token, byte[] codes, int at);
}
