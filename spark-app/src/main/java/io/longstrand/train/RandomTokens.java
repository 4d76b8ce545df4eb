package io.longstrand.train;

import io.longstrand.model.Batch;
import java.util.Arrays;
import java.util.Random;

/**
 * Sequences of random tokens, each with a random label: time does not depend on what they are.
 *
 * @param tokens [sequences][length]
 * @param labels [sequences][length]
 * @param vocabulary ids are below it
 */
public record RandomTokens(int[][] tokens, int[][] labels, int vocabulary) {
    /** So many sequences, the same in every run. */
    public static RandomTokens of(int sequences, int length, int vocabulary) {
        Random random = new Random(1);
        int[][] tokens = new int[sequences][];
        int[][] labels = new int[sequences][];
        for (int sequence = 0; sequence < sequences; sequence++) {
            tokens[sequence] = random.ints(length, 0, vocabulary).toArray();
            labels[sequence] = random.ints(length, 0, vocabulary).toArray();
        }
        return new RandomTokens(tokens, labels, vocabulary);
    }

    /** Writes them into a batch of that many sequences; each is one document. */
    public void put(Batch batch) {
        for (int sequence = 0; sequence < tokens.length; sequence++) {
            int length = tokens[sequence].length;
            float[] weights = new float[length];
            Arrays.fill(weights, 1);
            batch.put(sequence, tokens[sequence], labels[sequence], weights, new int[length]);
        }
    }
}
