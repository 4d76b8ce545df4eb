package io.longstrand.genome.token;

import io.longstrand.config.UserError;
import io.longstrand.storage.FileStore;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the tokeniser a configuration or a manifest names. */
public final class TokenizerLoader {
    private static final Pattern KMER = Pattern.compile("([1-8])-mer");
    private static final String VALID =
            "nucleotide, 1-mer to 8-mer, codon, codon-by-frame or the path of a tokenizer.json";

    private final FileStore store;

    public TokenizerLoader(FileStore store) {
        this.store = store;
    }

    /**
     * @param name {@code nucleotide}, {@code 1-mer} to {@code 8-mer}, {@code codon}, {@code codon-by-frame}, or the path
     *     of a {@code tokenizer.json}
     * @throws UserError when it is none of these
     */
    public Tokenizer byName(String name) throws IOException {
        Matcher kmer = KMER.matcher(name);
        if (kmer.matches()) {
            return KmerTokenizer.kmer(Integer.parseInt(kmer.group(1)));
        }
        if (name.endsWith(".json")) {
            return JsonTokenizer.open(store, name);
        }
        return switch (name) {
            case "nucleotide" -> KmerTokenizer.nucleotide();
            case "codon" -> KmerTokenizer.codon();
            case "codon-by-frame" -> KmerTokenizer.codonByFrame();
            default -> throw new UserError("data.tokenizer = \"" + name + "\" is not known; it can be " + VALID);
        };
    }

    /**
     * @param directory of the prepared data; a {@code tokenizer.json} lies beside the manifest
     * @throws UserError when the vocabulary is not the one the data was made with
     */
    public Tokenizer ofManifest(TokenizerDescription description, String directory) throws IOException {
        boolean json = description.name().equals(JsonTokenizer.FILE_NAME);
        Tokenizer tokenizer = byName(json ? store.child(directory, JsonTokenizer.FILE_NAME) : description.name());
        if (!tokenizer.description().equals(description)) {
            throw new UserError(store.child(directory, Manifest.FILE_NAME) + ": the vocabulary of tokenizer "
                    + description.name() + " is not this release's; prepare the data again");
        }
        return tokenizer;
    }
}
