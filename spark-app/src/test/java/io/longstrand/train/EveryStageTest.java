package io.longstrand.train;

import io.longstrand.config.RunConfiguration;
import io.longstrand.train.TinyRanks.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where ranks keep their state changes nothing of what they compute. */
class EveryStageTest {
    private static final int STEPS = 20;

    @TempDir
    Path directory;

    private TinyRun runs;

    @BeforeEach
    void prepare() throws IOException {
        runs = new TinyRun(directory);
    }

    @ParameterizedTest
    @CsvSource({"2, fp32, true", "3, fp32, false", "4, bf16, true", "2, bf16, false"})
    void with_one_micro_batch_a_step_all_stages_give_the_same_bits(int ranks, String precision, boolean tied) {
        Outcome expected = TinyRanks.train(configuration(ranks, precision, tied, 0, "none"), STEPS);

        for (int stage = 1; stage < 4; stage++) {
            for (String offload : List.of("none", "host")) {
                TinyRanks.train(configuration(ranks, precision, tied, stage, offload), STEPS)
                        .assertSameBits("stage " + stage + ", offload " + offload, expected);
            }
        }
    }

    private RunConfiguration configuration(int ranks, String precision, boolean tied, int stage, String offload) {
        return runs.configuration(
                "run",
                "parallel.data=" + ranks,
                "train.micro-batch=1",
                "train.accumulation=1",
                "train.precision=" + precision,
                "zero.stage=" + stage,
                "model.tied=" + tied,
                "model.position=learned",
                "model.layers=4",
                "data.sequence-length=24",
                "memory.offload.optimizer=" + offload,
                "memory.offload.parameters=" + offload,
                "memory.offload.activations=" + offload);
    }
}
