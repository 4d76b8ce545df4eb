package io.longstrand.genome.sample;

import io.longstrand.genome.token.SpecialTokens;
import io.longstrand.genome.token.Tokenizer;
import java.util.Arrays;

/** Fills one {@link Window} from segments; what stays free is padding, a segment of its own. */
final class WindowBuilder {
    private final Tokenizer tokenizer;
    private final SpecialTokens specials;
    private final int[] tokens;
    private final int[] labels;
    private final float[] weights;
    private final int[] documentStart;
    private int filled;
    private int scoredTokens;
    private long scoredBases;

    WindowBuilder(Tokenizer tokenizer, int length) {
        this.tokenizer = tokenizer;
        this.specials = tokenizer.specials();
        this.tokens = new int[length];
        this.labels = new int[length];
        this.weights = new float[length];
        this.documentStart = new int[length];
        Arrays.fill(tokens, specials.padding());
        Arrays.fill(labels, -1);
    }

    /** @return free positions */
    int room() {
        return tokens.length - filled;
    }

    /**
     * Adds a segment.
     *
     * @param begin whether it opens a record: a begin token goes before it
     * @param segment its tokens, of which {@code inputs} are input
     * @param inputs how many to take; when the segment has one more, that is the last one's label
     * @param firstScored index in the segment of the first token that is scored as a label
     * @param weight what each token of the segment counts as a label, or none where all count 1
     */
    void add(boolean begin, int[] segment, int inputs, int firstScored, float[] weight) {
        int start = filled;
        if (begin) {
            tokens[filled] = specials.begin();
            documentStart[filled] = start;
            label(filled, segment, 0, firstScored, weight);
            filled++;
        }
        for (int i = 0; i < inputs; i++) {
            tokens[filled] = segment[i];
            documentStart[filled] = start;
            label(filled, segment, i + 1, firstScored, weight);
            filled++;
        }
    }

    private void label(int position, int[] segment, int next, int firstScored, float[] weight) {
        if (next >= segment.length || next < firstScored || specials.isSpecial(segment[next])) {
            return;
        }
        labels[position] = segment[next];
        weights[position] = weight.length == 0 ? 1 : weight[next];
        scoredTokens++;
        scoredBases += tokenizer.bases(segment[next]);
    }

    Window build() {
        Arrays.fill(documentStart, filled, documentStart.length, filled);
        return new Window(tokens, labels, weights, documentStart, scoredTokens, scoredBases);
    }
}
