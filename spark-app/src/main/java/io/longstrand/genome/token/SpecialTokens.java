package io.longstrand.genome.token;

/**
 * The token ids that stand for no base the model is scored on.
 *
 * @param padding fills a window behind its last segment
 * @param unknown stands for a stretch with a letter other than A, C, G, T: input only, never scored
 * @param begin opens a record: the first token of a record is predicted from it
 */
public record SpecialTokens(int padding, int unknown, int begin) {
    /** @return whether the loss leaves this token out as a label */
    public boolean isSpecial(int token) {
        return token == padding || token == unknown || token == begin;
    }
}
