package io.longstrand.genome.token;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.longstrand.config.UserError;
import io.longstrand.storage.Checksum;
import io.longstrand.storage.FileStore;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Any {@code tokenizer.json} whose tokens are stretches of bases (byte-pair encoding as in DNABERT-2 and GENA-LM), run by
 * the Hugging Face library through DJL. Letters are upper-cased; each letter other than A, C, G, T becomes one unknown
 * token, and the stretches between are encoded apart. A tokenizer that loses or changes a base is refused. Merges depend
 * on direction, so prepare stores the reverse strand as its own sequences.
 */
public final class JsonTokenizer implements Tokenizer, AutoCloseable {
    /** Its name in a manifest, and the file's name beside one. */
    public static final String FILE_NAME = "tokenizer.json";

    private static final List<String> PADDING = List.of("[PAD]", "<pad>");
    private static final List<String> UNKNOWN = List.of("[UNK]", "<unk>");
    private static final List<String> BEGIN = List.of("[BOS]", "<bos>", "<s>", "[CLS]", "<cls>");

    private final String path;
    private final String checksum;
    private final HuggingFaceTokenizer library;
    private final List<String> vocabulary;
    private final SpecialTokens specials;
    private final byte[][] codes;

    private JsonTokenizer(String path, String checksum, HuggingFaceTokenizer library, List<String> vocabulary) {
        this.path = path;
        this.checksum = checksum;
        this.library = library;
        this.vocabulary = new ArrayList<>(vocabulary);
        this.specials = new SpecialTokens(special(PADDING), special(UNKNOWN), special(BEGIN));
        this.codes = new byte[this.vocabulary.size()][];
        for (int token = 0; token < codes.length; token++) {
            codes[token] = codes(this.vocabulary.get(token));
        }
    }

    /** @throws UserError when the file is missing or no tokenizer */
    public static JsonTokenizer open(FileStore store, String path) throws IOException {
        byte[] json;
        try (InputStream input = store.open(path)) {
            json = input.readAllBytes();
        } catch (FileNotFoundException | NoSuchFileException e) {
            throw new UserError(path + ": no such file; data.tokenizer names a tokenizer.json", e);
        }
        List<String> vocabulary = vocabulary(path, json);
        Map<String, String> options = Map.of("addSpecialTokens", "false", "padding", "false", "truncation", "false");
        HuggingFaceTokenizer library;
        try {
            library = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
        } catch (RuntimeException e) {
            throw new UserError(
                    path + ": not a tokenizer the Hugging Face library reads: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    e);
        }
        Checksum checksum = new Checksum();
        checksum.update(json, 0, json.length);
        return new JsonTokenizer(path, checksum.value(), library, vocabulary);
    }

    @Override
    public TokenizerDescription description() {
        return new TokenizerDescription(FILE_NAME, Map.of("checksum", checksum), vocabulary);
    }

    @Override
    public int vocabularySize() {
        return vocabulary.size();
    }

    @Override
    public SpecialTokens specials() {
        return specials;
    }

    @Override
    public int bases(int token) {
        return token == specials.unknown() ? 1 : codes[token].length;
    }

    @Override
    public int width() {
        return 0;
    }

    @Override
    public int phases() {
        return 1;
    }

    @Override
    public ReverseStrand reverseStrand() {
        return ReverseStrand.STORED;
    }

    @Override
    public int reverseComplement(int token) {
        return specials.isSpecial(token) ? token : -1;
    }

    @Override
    public int[] encode(byte[] letters, int from, int to) {
        int[] tokens = new int[to - from];
        int count = 0;
        int at = from;
        while (at < to) {
            if (Nucleotide.code(letters[at]) == Nucleotide.UNKNOWN) {
                tokens[count++] = specials.unknown();
                at++;
                continue;
            }
            int end = at;
            while (end < to && Nucleotide.code(letters[end]) != Nucleotide.UNKNOWN) {
                end++;
            }
            count = encodeRun(letters, at, end, tokens, count);
            at = end;
        }
        return Arrays.copyOf(tokens, count);
    }

    @Override
    public void decode(int token, byte[] into, int at) {
        if (token == specials.unknown()) {
            into[at] = Nucleotide.UNKNOWN;
        } else {
            System.arraycopy(codes[token], 0, into, at, codes[token].length);
        }
    }

    @Override
    public void close() {
        library.close();
    }

    private int encodeRun(byte[] letters, int from, int to, int[] tokens, int count) {
        byte[] upper = new byte[to - from];
        for (int i = from; i < to; i++) {
            upper[i - from] = Nucleotide.letter(Nucleotide.code(letters[i]));
        }
        Encoding encoding = library.encode(new String(upper, StandardCharsets.US_ASCII));
        long[] ids = encoding.getIds();
        CharSpan[] spans = encoding.getCharTokenSpans();
        int next = 0;
        int filled = count;
        for (int i = 0; i < ids.length; i++) {
            int token = Math.toIntExact(ids[i]);
            boolean exact = spans[i] != null
                    && spans[i].getStart() == next
                    && spans[i].getEnd() <= upper.length
                    && spells(codes[token], upper, next, spans[i].getEnd());
            if (!exact) {
                throw new UserError(
                        path + ": token " + token + " (" + vocabulary.get(token) + ") does not give back the "
                                + "bases it was made from; Longstrand needs a tokenizer whose tokens are stretches of A, C, G, T");
            }
            next = spans[i].getEnd();
            tokens[filled++] = token;
        }
        if (next != upper.length) {
            throw new UserError(path + ": " + (upper.length - next) + " of " + upper.length
                    + " bases got no token; Longstrand needs a tokenizer that covers every base");
        }
        return filled;
    }

    private static boolean spells(byte[] codes, byte[] letters, int from, int to) {
        if (codes.length == 0 || codes.length != to - from) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (codes[i - from] != Nucleotide.code(letters[i])) {
                return false;
            }
        }
        return true;
    }

    // The first of the names that the vocabulary has, otherwise a new id at its end.
    private int special(List<String> names) {
        for (String name : names) {
            int token = vocabulary.indexOf(name);
            if (token >= 0) {
                return token;
            }
        }
        vocabulary.add(names.get(0));
        return vocabulary.size() - 1;
    }

    private static byte[] codes(String text) {
        byte[] codes = new byte[text.length()];
        for (int i = 0; i < codes.length; i++) {
            char letter = text.charAt(i);
            codes[i] = letter < 128 ? Nucleotide.code((byte) letter) : Nucleotide.UNKNOWN;
            if (codes[i] == Nucleotide.UNKNOWN) {
                return new byte[0]; // a special token, or words of another language
            }
        }
        return codes;
    }

    private static List<String> vocabulary(String path, byte[] json) throws IOException {
        JsonNode root;
        try {
            root = new JsonMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new UserError(
                    path + ": not JSON (line " + e.getLocation().getLineNr() + "); it should be a "
                            + "tokenizer.json of the Hugging Face library",
                    e);
        }
        Map<Integer, String> byId = new TreeMap<>();
        JsonNode words = root.path("model").path("vocab");
        if (words.isArray()) {
            for (int i = 0; i < words.size(); i++) {
                byId.put(i, words.get(i).path(0).asText());
            }
        } else {
            words.fields().forEachRemaining(word -> byId.put(word.getValue().asInt(), word.getKey()));
        }
        root.path("added_tokens")
                .forEach(added ->
                        byId.put(added.path("id").asInt(), added.path("content").asText()));
        if (byId.isEmpty()) {
            throw new UserError(
                    path + ": has no model.vocab; it should be a tokenizer.json of the Hugging Face library");
        }
        List<String> vocabulary = new ArrayList<>();
        for (Map.Entry<Integer, String> word : byId.entrySet()) {
            while (vocabulary.size() < word.getKey()) {
                vocabulary.add("<unused-" + vocabulary.size() + ">");
            }
            vocabulary.add(word.getValue());
        }
        return vocabulary;
    }
}
