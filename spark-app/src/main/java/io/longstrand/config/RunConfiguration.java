package io.longstrand.config;

/**
 * Everything a run was asked to do; one record per section of {@code reference.conf}. Made by
 * {@link ConfigurationLoader}; {@link #resolved()} gives the text that loads back to an equal record, which is also
 * how a configuration travels to another JVM.
 */
public record RunConfiguration(
        @Section(doc = "The run as a whole.") RunSection run,

        @Key(doc = "What computes: auto (torch when CUDA is there, else cpu), cpu, nd4j or torch.", value = "auto")
        BackendChoice backend,

        @Section(doc = "Genome files and how they become training windows.")
        DataSection data,

        @Section(doc = "Shape of the GPT.") ModelSection model,
        @Section(doc = "The training loop.") TrainSection train,
        @Section(doc = "Checkpoints.") CheckpointSection checkpoint,
        @Section(doc = "Memory of each rank.") MemorySection memory,
        @Section(doc = "Attention.") AttentionSection attention,

        @Section(doc = "Sizes of the axes of the mesh of ranks; their product is the world size.")
        ParallelSection parallel,

        @Section(doc = "Partitioned state (ZeRO).") ZeroSection zero,
        @Section(doc = "Communication between ranks.") CommSection comm,
        @Section(doc = "What a run reports on its way.") MetricsSection metrics) {

    /** The full configuration as HOCON with every key, for {@code config.conf} of the run directory. */
    public String resolved() {
        return new ConfigurationText(Schema.of(RunConfiguration.class)).resolved(this);
    }
}
