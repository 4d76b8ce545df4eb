package io.longstrand.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.checkpoint.Checkpoint;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.storage.FileStore;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.train.TinyRun;
import io.longstrand.train.TrainingOutcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointEvaluationTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void a_checkpoint_scores_exactly_what_training_reported_and_generates_the_same_twice(String precision)
            throws IOException {
        TinyRun runs = new TinyRun(directory);
        RunConfiguration configuration = runs.configuration("run", "train.steps=40", "train.precision=" + precision);
        TrainingOutcome outcome = TinyRun.train(configuration, new TinyRun.RecordingDriver());
        FileStore store = FileStore.local();

        try (PreparedData data = PreparedData.open(store, runs.dataDirectory().toString());
                Backend backend = new Backends().open("auto", new BackendProvider.Options(2))) {
            Checkpoint checkpoint = Checkpoint.open(store, outcome.checkpoint());

            Score score = new CheckpointEvaluation(configuration, data, backend).score(checkpoint);

            assertThat(score).isEqualTo(outcome.validation());
            try (InferenceModel model =
                    InferenceModel.open(configuration, data.tokenizer().vocabularySize(), 1, checkpoint, backend)) {
                Generator generator = new Generator(model, data.tokenizer());
                Generator.Request request = new Generator.Request("ATGGC", 100, 3, 0.8, 10);
                byte[] bases = generator.generate(request);
                assertThat(bases).hasSize(100).containsOnly(0, 1, 2, 3);
                assertThat(generator.generate(request)).isEqualTo(bases);
                assertThat(generator.generate(new Generator.Request("ATGGC", 60, 3, 0.8, 10)))
                        .isEqualTo(java.util.Arrays.copyOf(bases, 60));
                assertThat(generator.generate(new Generator.Request("ATGGC", 100, 4, 0.8, 10)))
                        .isNotEqualTo(bases);
                assertThat(generator.generate(new Generator.Request("", 7, 3, 0, 0)))
                        .hasSize(7);

                GenerationReport report = GenerationReport.of(bases, data);
                assertThat(report.sequence()).hasSize(100).matches("[ACGT]+");
                assertThat(report.longestMatch()).isBetween(3, 100);
                assertThat(report.kmerDivergence()).isBetween(0.0, 1.0);
                assertThat(report.gcShare()).isBetween(0.0, 1.0);
            }
        }
    }
}
