package io.longstrand.spark.dl4j;

/** What the time of a training goes into. The names are the keys of DL4J's statistics. */
enum Phase {
    /** Counting the examples. */
    COUNT("ZeroTrainingMasterCountTimesMs", "Count", true),
    /** Handing parameters and state to Spark for the ranks. */
    BROADCAST("ZeroTrainingMasterBroadcastTimesMs", "Broadcast", true),
    /** The stage of the ranks, start to end. */
    TRAIN("ZeroTrainingMasterTrainTimesMs", "Train", false),
    /** A rank gets its parameters, builds its network and joins the others. */
    START("ZeroTrainingRankStartTimesMs", "RankStart", true),
    /** A rank waits for its examples of a step and puts them together. */
    EXAMPLES("ZeroTrainingRankExamplesTimesMs", "RankExamples", true),
    /** A rank's steps, exchange included. */
    STEP("ZeroTrainingRankStepTimesMs", "RankStep", true),
    /** A rank communicates, or waits for the others. */
    EXCHANGE("ZeroTrainingRankExchangeTimesMs", "RankExchange", false);

    private final String key;
    private final String shortName;
    private final boolean plotted;

    Phase(String key, String shortName, boolean plotted) {
        this.key = key;
        this.shortName = shortName;
        this.plotted = plotted;
    }

    String key() {
        return key;
    }

    String shortName() {
        return shortName;
    }

    /** Whether a plot shows it; phases that are parts of others, or made of them, are left out. */
    boolean plotted() {
        return plotted;
    }

    /** @throws IllegalArgumentException for a key that is none */
    static Phase of(String key) {
        for (Phase phase : values()) {
            if (phase.key.equals(key)) {
                return phase;
            }
        }
        throw new IllegalArgumentException("there is no statistic '" + key + "'");
    }
}
