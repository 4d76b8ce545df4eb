package io.longstrand.inference;

import io.longstrand.checkpoint.Checkpoint;
import io.longstrand.config.RunConfiguration;
import io.longstrand.genome.sample.ValidationWindows;
import io.longstrand.genome.token.PreparedData;
import io.longstrand.tensor.Backend;
import java.io.IOException;

/** Scores a checkpoint on the held-out part of its run's data: the figure the training table showed, to the last bit. */
public final class CheckpointEvaluation {
    private final RunConfiguration configuration;
    private final PreparedData data;
    private final Backend backend;

    /** @param configuration of the run that trained the checkpoint @param data of that run */
    public CheckpointEvaluation(RunConfiguration configuration, PreparedData data, Backend backend) {
        this.configuration = configuration;
        this.data = data;
        this.backend = backend;
    }

    /**
     * The score.
     *
     * @throws io.longstrand.config.UserError when nothing is held out or the checkpoint holds another model
     */
    public Score score(Checkpoint checkpoint) throws IOException {
        ValidationWindows windows =
                new ValidationWindows(data, configuration.data().sequenceLength());
        int vocabulary = data.tokenizer().vocabularySize();
        int sequences = configuration.train().microBatch();
        try (InferenceModel model = InferenceModel.open(configuration, vocabulary, sequences, checkpoint, backend)) {
            return new HeldOutEvaluation(model.gpt(), model.batch(), windows).all();
        }
    }
}
