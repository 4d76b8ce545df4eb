package io.longstrand.plan.published;

/**
 * What the formulas need to know of a GPT with an MLP four times as wide as the stream.
 *
 * @param name for tables
 * @param layers L
 * @param hidden h
 * @param heads a
 * @param vocabulary V, before padding
 */
public record GptSize(String name, int layers, int hidden, int heads, int vocabulary) {
    /** GPT-2's byte pairs, which the published runs read their text with. */
    private static final int BYTE_PAIRS = 50_257;
    /** Megatron pads the vocabulary to a multiple of this on every rank. */
    private static final int VOCABULARY_STEP = 128;

    /**
     * The 25-billion-parameter GPT. The results do not give its shape; the scripts they were launched with do, under
     * {@code GPT25B}: 64 layers of width 6144 with 64 heads, which 32 and 64 ranks divide as the results say they did.
     * That is 29.3 billion parameters; the scripts' remark has width 5760, 25.8 billion, whose heads of 90 elements flash
     * attention does not take (github.com/ramanathanlab/genslm, examples/long-sequences/ALCF/model.sh).
     */
    public static GptSize of25B() {
        return new GptSize("25B", 64, 6144, 64, BYTE_PAIRS);
    }

    /** The 33-billion-parameter GPT, from the same scripts: 80 layers of the same width, 36.6 billion parameters. */
    public static GptSize of33B() {
        return new GptSize("33B", 80, 6144, 64, BYTE_PAIRS);
    }

    /** Token ids with those that only pad it, over so many ranks. */
    public long paddedVocabulary(int tensor) {
        long step = (long) VOCABULARY_STEP * tensor;
        return (vocabulary + step - 1) / step * step;
    }

    /** Parameters of blocks, token embedding and final norm, each split over the tensor axis; positions excluded. */
    double parameters(int tensor) {
        double blocks = layers * (12.0 * hidden * hidden + 13.0 * hidden);
        return blocks + (double) paddedVocabulary(tensor) * hidden + 2.0 * hidden;
    }
}
