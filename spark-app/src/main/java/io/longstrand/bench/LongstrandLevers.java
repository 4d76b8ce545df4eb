package io.longstrand.bench;

import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.cluster.Rates;
import io.longstrand.plan.published.GptSize;
import io.longstrand.train.LongestSequences;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Ways of saving memory that are planned for a large model, each with those before it. */
enum LongstrandLevers {
    /** What the published runs have as well: ZeRO stage 1, blocks that keep their input alone; and tiles of the MLP. */
    RECOMPUTE("recompute", List.of("zero.stage=1", "memory.recompute=full", "memory.mlp-tile=2048")),
    /** And everything partitioned. */
    PARTITION("zero-3", List.of("zero.stage=3", "memory.recompute=full", "memory.mlp-tile=2048")),
    /** And everything that can live in host memory, masks among it. */
    ALL(
            "all",
            List.of(
                    "zero.stage=3",
                    "memory.recompute=full",
                    "memory.mlp-tile=2048",
                    "memory.offload.optimizer=host",
                    "memory.offload.parameters=host",
                    "memory.offload.activations=host",
                    "attention.mask.placement=host"));

    private final String text;
    private final List<String> settings;

    LongstrandLevers(String text, List<String> settings) {
        this.text = text;
        this.settings = settings;
    }

    /** As in {@code levers=…}. */
    String text() {
        return text;
    }

    /** Plans for a model, in bfloat16 with one sequence a step. */
    LongestSequences planner(GptSize model, ClusterProfile cluster) {
        return new LongestSequences(more -> configuration(model, more), model.vocabulary(), cluster, Rates.given());
    }

    private RunConfiguration configuration(GptSize model, List<String> more) {
        List<String> shape = List.of(
                "model.layers=" + model.layers(),
                "model.hidden=" + model.hidden(),
                "model.heads=" + model.heads(),
                "train.precision=bf16",
                "train.micro-batch=1");
        List<String> all = new ArrayList<>();
        Stream.of(shape, settings, more).forEach(all::addAll);
        return new ConfigurationLoader().load(Optional.empty(), all);
    }
}
