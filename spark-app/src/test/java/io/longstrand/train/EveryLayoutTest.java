package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.RunConfiguration;
import io.longstrand.config.UserError;
import io.longstrand.genome.token.KmerTokenizer;
import io.longstrand.mesh.Mesh;
import io.longstrand.model.ParameterLayout;
import io.longstrand.train.TinyRanks.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two and four ranks, laid out in any way there is, train the model that one rank trains. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryLayoutTest {
    private static final int STEPS = 20;

    /** The last loss depends on the bits of all parameters after all steps before. */
    private static final int STEPS_AGAIN = 5;

    private static final int SEQUENCES = 4;

    /** Padded wherever four ranks share a sequence. */
    private static final int LENGTH = 22;

    /** So short that nearly every sequence is packed from several. */
    private static final int RECORDS = 120;

    /** What a model has, in turns, so that each is trained on every mesh, at every stage and with every mask. */
    private enum Model {
        GELU("model.activation=gelu", "model.position=learned", "model.norm=layer", "model.tied=true"),
        SWIGLU("model.activation=swiglu", "model.kv-heads=4", "model.norm=rms", "model.tied=false");

        private final List<String> settings;

        Model(String... settings) {
            this.settings = List.of(settings);
        }
    }

    /** Where every rank stands, who has which state, where state and activations go, which keys are seen. */
    private record Case(Mesh mesh, int stage, String offload, String mask) {
        private Model model() {
            return (stage % 2 == 0) == offload.equals("none") ? Model.GELU : Model.SWIGLU;
        }

        @Override
        public String toString() {
            return String.format(
                    "data %d x context %d x head %d x tensor %d, ZeRO %d, offload %s, %s",
                    mesh.data(), mesh.context(), mesh.head(), mesh.tensor(), stage, offload, mask);
        }
    }

    @TempDir
    static Path directory;

    private final Map<String, Outcome> ofOneRank = new HashMap<>();
    private TinyRun runs;

    @BeforeAll
    void prepare() throws IOException {
        runs = new TinyRun(directory, RECORDS);
    }

    /** Every product of axes: ring, Ulysses, Megatron and data alone, and any two of them together. */
    static List<Mesh> meshes() {
        List<Integer> sizes = List.of(1, 2, 4);
        List<Mesh> meshes = new ArrayList<>();
        for (int data : sizes) {
            for (int context : sizes) {
                for (int head : sizes) {
                    sizes.forEach(tensor -> meshes.add(new Mesh(data, context, head, tensor)));
                }
            }
        }
        meshes.removeIf(mesh -> mesh.world() == 1 || mesh.world() > 4);
        return meshes;
    }

    static Stream<Case> cases() {
        return meshes().stream().flatMap(mesh -> Stream.of(0, 1, 2, 3)
                .flatMap(stage -> Stream.of("none", "host").flatMap(offload -> Stream.of("causal", "document")
                        .map(mask -> new Case(mesh, stage, offload, mask)))));
    }

    @Test
    void of_two_ranks_there_are_four_meshes_and_of_four_ten_and_all_of_their_combinations_are_legal() {
        assertThat(meshes()).doesNotHaveDuplicates().hasSize(4 + 10);
        assertThat(cases())
                .hasSize(14 * 4 * 2 * 2)
                .allSatisfy(each -> configuration(each).parallel().world());
    }

    @Test
    void what_a_model_with_two_key_heads_does_not_allow_is_refused_with_the_legal_degrees() {
        assertThat(meshes()).allSatisfy(mesh -> {
            Case each = new Case(mesh, 1, "none", "causal");
            if (mesh.tensor() == 4) {
                assertThatThrownBy(() -> configuration(each, "model.kv-heads=2"))
                        .isInstanceOf(UserError.class)
                        .hasMessageContaining("parallel.tensor = \"4\" does not go with model.kv-heads = \"2\"")
                        .hasMessageEndingWith("tensor must divide heads, kv-heads and ffn-hidden: valid are 1, 2");
            } else {
                configuration(each, "model.kv-heads=2");
            }
        });
    }

    @Test
    void one_rank_learns_and_documents_make_a_difference() {
        for (Model model : Model.values()) {
            Outcome causal = ofOneRank(model, "causal");
            Outcome document = ofOneRank(model, "document");
            assertThat(Collections.min(causal.losses()))
                    .isLessThan(causal.losses().get(0) - 0.1);
            assertThat(Collections.min(document.losses()))
                    .isLessThan(document.losses().get(0) - 0.1);
            assertThat(Math.abs(causal.losses().get(0) - document.losses().get(0)))
                    .isGreaterThan(1e-4);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void ranks_have_the_logits_loss_and_gradients_of_one_follow_its_curve_and_do_so_again_bit_for_bit(Case each) {
        RunConfiguration configuration = configuration(each);
        ParameterLayout layout = new ParameterLayout(
                new TrainingMemory(configuration, KmerTokenizer.kmer(3).vocabularySize()).shape());

        Outcome many = TinyRanks.train(configuration, STEPS);

        many.assertFollows(ofOneRank(each.model(), each.mask()), layout);
        // What documents let a ring leave out is not planned.
        if (each.mesh().context() == 1 || each.mask().equals("causal")) {
            many.assertSentAsPlanned();
        }
        TinyRanks.train(configuration, STEPS_AGAIN).assertBegins(many);
    }

    /** All sequences of a step at once. */
    private Outcome ofOneRank(Model model, String mask) {
        return ofOneRank.computeIfAbsent(
                model + mask,
                any -> TinyRanks.train(
                        configuration(
                                model,
                                new Case(new Mesh(1, 1, 1, 1), 0, "none", mask),
                                "train.micro-batch=" + SEQUENCES,
                                "train.accumulation=1"),
                        STEPS));
    }

    private RunConfiguration configuration(Case each, String... more) {
        return configuration(each.model(), each, more);
    }

    private RunConfiguration configuration(Model model, Case each, String... more) {
        Mesh mesh = each.mesh();
        int microBatch = mesh.data() == 1 ? 2 : 1;
        Stream<String> settings = Stream.of(
                "parallel.data=" + mesh.data(),
                "parallel.context=" + mesh.context(),
                "parallel.head=" + mesh.head(),
                "parallel.tensor=" + mesh.tensor(),
                "zero.stage=" + each.stage(),
                "memory.offload.optimizer=" + each.offload(),
                "memory.offload.parameters=" + each.offload(),
                "memory.offload.activations=" + each.offload(),
                "attention.mask.kind=" + each.mask(),
                "train.micro-batch=" + microBatch,
                "train.accumulation=" + SEQUENCES / mesh.data() / microBatch,
                "model.layers=2",
                "model.hidden=32",
                "model.heads=8",
                "data.sequence-length=" + LENGTH);
        return runs.configuration(
                "run",
                Stream.of(settings, model.settings.stream(), Stream.of(more))
                        .flatMap(any -> any)
                        .toArray(String[]::new));
    }
}
