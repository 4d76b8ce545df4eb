package io.longstrand.parallel;

import io.longstrand.model.Batch;
import java.util.Arrays;
import java.util.Random;

/** Random sequences with tokens without a label, labels of small weight and documents. */
record SplitData(int sequences, int length, int[] tokens, int[] labels, float[] weights, int[] documentStart) {
    static SplitData random(int sequences, int length, int vocabulary, boolean documents) {
        Random random = new Random(11);
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
            boolean starts = position == 0 || (documents && random.nextInt(9) == 0);
            documentStart[token] = starts ? position : documentStart[token - 1];
        }
        return new SplitData(sequences, length, tokens, labels, weights, documentStart);
    }

    void put(Batch batch) {
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
}
