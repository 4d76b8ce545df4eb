package io.longstrand.genome.sample;

/**
 * One sample: S consecutive token positions, possibly packed from several segments that do not see each other.
 *
 * @param tokens input token ids, (tokens)
 * @param labels the token each position predicts: the next one of its segment; -1 where nothing is scored (unknown bases,
 *     padding, ends of segments), (tokens)
 * @param weights what each label counts in the loss, 0 where the label is -1, (tokens)
 * @param documentStart index of the first position of each position's segment: the document mask, (tokens)
 * @param scoredTokens labels that are not -1
 * @param scoredBases bases those labels stand for
 */
@SuppressWarnings("ArrayRecordComponent") // handed to kernels as they are
public record Window(
        int[] tokens, int[] labels, float[] weights, int[] documentStart, int scoredTokens, long scoredBases) {}
