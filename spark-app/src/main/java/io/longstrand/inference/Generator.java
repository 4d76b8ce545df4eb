package io.longstrand.inference;

import io.longstrand.config.UserError;
import io.longstrand.genome.token.Nucleotide;
import io.longstrand.genome.token.SpecialTokens;
import io.longstrand.genome.token.Tokenizer;
import io.longstrand.model.Batch;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes sequence with a trained model, token by token. Once the window is full it slides: every token sees as much
 * context as the model was trained with.
 */
public final class Generator {
    /**
     * What is asked for.
     *
     * @param prompt letters to go on from; empty: the beginning of a record
     * @param bases to generate
     * @param seed of the draws
     * @param temperature what logits are divided by; 0 takes the likeliest token
     * @param topK how many of the likeliest tokens are drawn from; 0: all
     */
    public record Request(String prompt, int bases, long seed, double temperature, int topK) {
        public Request {
            if (bases < 1) {
                throw new UserError("length = " + bases + "; it must be at least 1 base");
            }
            if (!(temperature >= 0) || Double.isInfinite(temperature)) {
                throw new UserError("temperature = " + temperature + "; it must be 0 or above");
            }
            if (topK < 0) {
                throw new UserError("top-k = " + topK + "; it must be 0 (all tokens) or above");
            }
            for (int i = 0; i < prompt.length(); i++) {
                char letter = prompt.charAt(i);
                if (letter > 127 || Nucleotide.code((byte) letter) == Nucleotide.UNKNOWN) {
                    throw new UserError("prompt: letter " + (i + 1) + " is '" + letter + "'; it must be A, C, G or T");
                }
            }
        }
    }

    private final InferenceModel model;
    private final Tokenizer tokenizer;

    /** @param model opened for batches of one sequence */
    public Generator(InferenceModel model, Tokenizer tokenizer) {
        this.model = model;
        this.tokenizer = tokenizer;
    }

    /** The generated bases as codes 0..3, without the prompt. */
    public byte[] generate(Request request) {
        Batch batch = model.batch();
        int[] context = new int[batch.length()];
        int filled = prompt(request.prompt(), context);
        TokenChoice choice = new TokenChoice(request.seed(), request.temperature(), request.topK());
        boolean[] allowed = allowed();
        byte[] bases = new byte[request.bases()];
        byte[] word = new byte[longestToken()];
        int written = 0;
        for (long position = 0; written < bases.length; position++) {
            int token = choice.choose(position, next(batch, context, filled), allowed);
            tokenizer.decode(token, word, 0);
            int count = Math.min(tokenizer.bases(token), bases.length - written);
            System.arraycopy(word, 0, bases, written, count);
            written += count;
            if (filled == context.length) {
                System.arraycopy(context, 1, context, 0, filled - 1);
                filled--;
            }
            context[filled++] = token;
        }
        return bases;
    }

    private float[] next(Batch batch, int[] context, int filled) {
        int[] tokens = Arrays.copyOf(context, filled);
        int[] noLabels = new int[filled];
        Arrays.fill(noLabels, Batch.NO_LABEL);
        batch.put(0, tokens, noLabels, new float[filled], new int[filled]);
        batch.send();
        return model.gpt().logits(batch, filled - 1L, filled)[0];
    }

    /** The end of the prompt that fits, so cut that it ends with a whole token; a begin token where there is none. */
    private int prompt(String prompt, int[] context) {
        byte[] letters = prompt.getBytes(StandardCharsets.US_ASCII);
        int from = tokenizer.width() > 1 ? letters.length % tokenizer.width() : 0;
        int[] tokens = tokenizer.encode(letters, from, letters.length);
        if (tokens.length == 0) {
            context[0] = tokenizer.specials().begin();
            return 1;
        }
        int taken = Math.min(tokens.length, context.length);
        System.arraycopy(tokens, tokens.length - taken, context, 0, taken);
        return taken;
    }

    private boolean[] allowed() {
        boolean[] allowed = new boolean[tokenizer.vocabularySize()];
        SpecialTokens specials = tokenizer.specials();
        for (int token = 0; token < allowed.length; token++) {
            allowed[token] = !specials.isSpecial(token) && tokenizer.bases(token) > 0;
        }
        return allowed;
    }

    private int longestToken() {
        int longest = 1;
        for (int token = 0; token < tokenizer.vocabularySize(); token++) {
            longest = Math.max(longest, tokenizer.bases(token));
        }
        return longest;
    }
}
