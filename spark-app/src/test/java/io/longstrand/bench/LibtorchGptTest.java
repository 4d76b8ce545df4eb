package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchGpt;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.train.RandomTokens;
import io.longstrand.train.StepModel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The comparison is fair: the peer computes what we compute. */
class LibtorchGptTest {
    private static final int SEQUENCES = 2;
    private static final int LENGTH = 80;
    private static final double TOLERANCE = 2e-5;

    private final RandomTokens tokens = RandomTokens.of(SEQUENCES, LENGTH, 11);
    private StepModel ours;
    private LibtorchGpt theirs;

    @BeforeEach
    void libtorch_is_there() {
        assumeTrue(new Libtorch().unavailable().isEmpty(), "built without libtorch");
        new Libtorch().threads(1);
    }

    @AfterEach
    void close() {
        if (theirs != null) {
            theirs.close();
            ours.close();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loss_and_every_gradient_of_the_peer_equal_ours(boolean tied) {
        open(tied);
        double loss = ours.gradients().mean();
        assertThat(theirs.backward(tokens.tokens(), tokens.labels())).isCloseTo(loss, within(TOLERANCE));
        for (Parameter parameter : new ParameterLayout(ours.shape()).parameters()) {
            float[] sums = ours.gradient(parameter);
            float[] means = theirs.gradient(parameter);
            double largest = 0;
            double difference = 0;
            for (int i = 0; i < sums.length; i++) {
                double mean = sums[i] / (SEQUENCES * LENGTH);
                largest = Math.max(largest, Math.abs(mean));
                difference = Math.max(difference, Math.abs(mean - means[i]));
            }
            assertThat(largest).as(parameter.name()).isPositive();
            assertThat(difference).as(parameter.name()).isLessThan(TOLERANCE * Math.max(1, 10 * largest));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void losses_stay_equal_over_updates(boolean tied) {
        open(tied);
        for (int step = 0; step < 5; step++) {
            assertThat(theirs.step(tokens.tokens(), tokens.labels(), ours.learningRate()))
                    .as("step " + step)
                    .isCloseTo(ours.step(), within(1e-4));
        }
    }

    private void open(boolean tied) {
        ours = new StepModel(
                "cpu",
                1,
                List.of(
                        "model.layers=2",
                        "model.hidden=64",
                        "model.heads=2",
                        "model.tied=" + tied,
                        "data.sequence-length=" + LENGTH,
                        "train.micro-batch=" + SEQUENCES),
                tokens);
        theirs = new LibtorchGpt(ours.shape(), ours::values);
    }
}
