package io.longstrand.model;

import java.util.Arrays;
import java.util.Random;

/**
 * Random sequences with every irregularity that they may have: tokens without a label, labels of small weight, documents
 * of very different lengths.
 *
 * @param tokens of all sequences, one after the other
 * @param labels −1 where there is none
 * @param weights of the labels
 * @param documentStart counted from the start of the sequence
 */
public record RandomSequences(
        int sequences, int length, int[] tokens, int[] labels, float[] weights, int[] documentStart) {
    /** @param documentLength of documents on average; 0: every sequence is one */
    public static RandomSequences draw(int sequences, int length, int vocabulary, int documentLength) {
        Random random = new Random(7);
        int count = sequences * length;
        int[] tokens = random.ints(count, 0, vocabulary).toArray();
        int[] labels = new int[count];
        float[] weights = new float[count];
        int[] documentStart = new int[count];
        for (int token = 0; token < count; token++) {
            boolean labelled = random.nextInt(8) != 0;
            labels[token] = labelled ? random.nextInt(vocabulary) : Batch.NO_LABEL;
            weights[token] = labelled ? (random.nextBoolean() ? 1 : 0.25f) : 0;
            int position = token % length;
            boolean starts = position == 0 || (documentLength > 0 && random.nextInt(documentLength) == 0);
            documentStart[token] = starts ? position : documentStart[token - 1];
        }
        return new RandomSequences(sequences, length, tokens, labels, weights, documentStart);
    }

    /** Puts all of them. */
    public void put(Batch batch) {
        for (int sequence = 0; sequence < sequences; sequence++) {
            int from = sequence * length;
            int to = from + length;
            batch.put(
                    sequence,
                    Arrays.copyOfRange(tokens, from, to),
                    Arrays.copyOfRange(labels, from, to),
                    Arrays.copyOfRange(weights, from, to),
                    Arrays.copyOfRange(documentStart, from, to));
        }
    }

    ReferenceGpt.Result run(ReferenceGpt reference) {
        double[] exact = new double[weights.length];
        for (int token = 0; token < exact.length; token++) {
            exact[token] = weights[token];
        }
        return reference.run(tokens, labels, exact, documentStart, sequences);
    }

    long validLabels() {
        return Arrays.stream(labels).filter(label -> label != Batch.NO_LABEL).count();
    }
}
