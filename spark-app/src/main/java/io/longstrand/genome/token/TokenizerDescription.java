package io.longstrand.genome.token;

import java.util.List;
import java.util.Map;

/**
 * What the manifest and a checkpoint keep of a tokeniser.
 *
 * @param name {@code nucleotide}, {@code 3-mer} (1 to 8), {@code codon}, {@code codon-by-frame} or {@code tokenizer.json}
 * @param parameters what the name leaves open, e.g. the checksum of a {@code tokenizer.json}
 * @param vocabulary the text of every token, by id
 */
public record TokenizerDescription(String name, Map<String, String> parameters, List<String> vocabulary) {
    public TokenizerDescription {
        parameters = Map.copyOf(parameters);
        vocabulary = List.copyOf(vocabulary);
    }
}
