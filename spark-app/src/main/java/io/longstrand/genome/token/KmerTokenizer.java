package io.longstrand.genome.token;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Non-overlapping k-mers of A, C, G, T in alphabetical order behind the special tokens. A k-mer with any other letter is
 * unknown. With k = 1 it is the nucleotide tokeniser, with k = 3 and one phase the codon tokeniser (64 codons and five
 * specials, as GenSLM has them).
 */
public final class KmerTokenizer implements Tokenizer {
    /** The longest k-mer: 4^8 words still make a vocabulary a small model can learn. */
    public static final int LONGEST = 8;

    private static final List<String> SPECIALS = List.of("<pad>", "<unk>", "<bos>");
    private static final List<String> CODON_SPECIALS = List.of("<pad>", "<unk>", "<bos>", "<eos>", "<mask>");
    private static final SpecialTokens SPECIAL_TOKENS = new SpecialTokens(0, 1, 2);

    private final String name;
    private final int width;
    private final int phases;
    private final ReverseStrand reverseStrand;
    private final List<String> specialTexts;
    private final int[] complements;

    private KmerTokenizer(String name, int width, int phases, ReverseStrand reverseStrand, List<String> specialTexts) {
        this.name = name;
        this.width = width;
        this.phases = phases;
        this.reverseStrand = reverseStrand;
        this.specialTexts = specialTexts;
        this.complements = complements(specialTexts.size(), width);
    }

    /** One token a base. */
    public static KmerTokenizer nucleotide() {
        return new KmerTokenizer("nucleotide", 1, 1, ReverseStrand.BY_TOKEN, SPECIALS);
    }

    /** @param k bases a token, 1 to {@link #LONGEST} */
    public static KmerTokenizer kmer(int k) {
        if (k < 1 || k > LONGEST) {
            throw new IllegalArgumentException("k must be 1 to " + LONGEST + ", not " + k);
        }
        return new KmerTokenizer(k + "-mer", k, k, ReverseStrand.BY_TOKEN, SPECIALS);
    }

    /** Codons from the first base of every record. */
    public static KmerTokenizer codon() {
        return new KmerTokenizer("codon", 3, 1, ReverseStrand.BY_TOKEN, CODON_SPECIALS);
    }

    /** Codons of coding sequences: every record is one spliced CDS on its coding strand, from its first whole codon. */
    public static KmerTokenizer codonByFrame() {
        return new KmerTokenizer("codon-by-frame", 3, 1, ReverseStrand.NONE, CODON_SPECIALS);
    }

    @Override
    public TokenizerDescription description() {
        List<String> vocabulary = new ArrayList<>(vocabularySize());
        vocabulary.addAll(specialTexts);
        byte[] codes = new byte[width];
        for (int token = specialTexts.size(); token < vocabularySize(); token++) {
            decode(token, codes, 0);
            StringBuilder text = new StringBuilder(width);
            for (byte code : codes) {
                text.append((char) Nucleotide.letter(code));
            }
            vocabulary.add(text.toString());
        }
        return new TokenizerDescription(name, Map.of(), vocabulary);
    }

    @Override
    public int vocabularySize() {
        return complements.length;
    }

    @Override
    public SpecialTokens specials() {
        return SPECIAL_TOKENS;
    }

    @Override
    public int bases(int token) {
        return token == SPECIAL_TOKENS.unknown() || token >= specialTexts.size() ? width : 0;
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int phases() {
        return phases;
    }

    @Override
    public ReverseStrand reverseStrand() {
        return reverseStrand;
    }

    @Override
    public int reverseComplement(int token) {
        return complements[token];
    }

    @Override
    public int[] encode(byte[] letters, int from, int to) {
        int[] tokens = new int[(to - from) / width];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = token(letters, from + i * width);
        }
        return tokens;
    }

    @Override
    public void decode(int token, byte[] codes, int at) {
        if (token < specialTexts.size()) {
            Arrays.fill(codes, at, at + bases(token), Nucleotide.UNKNOWN);
            return;
        }
        int word = token - specialTexts.size();
        for (int i = width - 1; i >= 0; i--) {
            codes[at + i] = (byte) (word & 3);
            word >>>= 2;
        }
    }

    /** @param word the k-mer's two-bit codes, first base highest; @return its token */
    int tokenOfWord(int word) {
        return specialTexts.size() + word;
    }

    private int token(byte[] letters, int at) {
        int word = 0;
        for (int i = at; i < at + width; i++) {
            byte code = Nucleotide.code(letters[i]);
            if (code == Nucleotide.UNKNOWN) {
                return SPECIAL_TOKENS.unknown();
            }
            word = word << 2 | code;
        }
        return tokenOfWord(word);
    }

    private static int[] complements(int specials, int width) {
        int[] complements = new int[specials + (1 << 2 * width)];
        for (int token = 0; token < specials; token++) {
            complements[token] = token;
        }
        for (int word = 0; word < 1 << 2 * width; word++) {
            int reversed = 0;
            for (int i = 0; i < width; i++) {
                reversed = reversed << 2 | 3 - (word >>> 2 * i & 3);
            }
            complements[specials + word] = specials + reversed;
        }
        return complements;
    }
}
