package io.longstrand.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.FlashAttention;
import io.longstrand.attention.MaskRule;
import io.longstrand.attention.TileSize;
import io.longstrand.config.MemorySection.Recompute;
import io.longstrand.config.UserError;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.Batch;
import io.longstrand.model.FlopCount;
import io.longstrand.model.Gpt;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ParameterLayout;
import io.longstrand.model.ResidentActivations;
import io.longstrand.parallel.SingleDevice;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.KernelScratch;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import io.longstrand.zero.ModelState;
import io.longstrand.zero.Partition;
import io.longstrand.zero.StateForm;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryPlannerTest {
    private static final MemoryPlan.Budget BOUNDLESS = new MemoryPlan.Budget(1L << 50, 1L << 50);

    private static final ModelShape SHAPE = new ModelShape(
            2,
            32,
            4,
            2,
            128,
            69,
            1 << 20,
            ModelShape.Norm.LAYER,
            ModelShape.MlpActivation.GELU,
            ModelShape.PositionKind.ROTARY,
            10_000,
            true);

    /** A model that can hold no sequence longer than its workload's. */
    private static void step(Workload workload, Backend backend, Arena device, Arena host) {
        step(workload, backend, device, host, ActivationForm.resident());
    }

    private static void step(Workload workload, Backend backend, Arena device, Arena host, ActivationForm form) {
        ModelShape shape = new ModelShape(
                SHAPE.layers(),
                SHAPE.hidden(),
                SHAPE.heads(),
                SHAPE.keyValueHeads(),
                SHAPE.feedForward(),
                SHAPE.vocabulary(),
                workload.sequenceLength(),
                SHAPE.norm(),
                SHAPE.activation(),
                SHAPE.position(),
                SHAPE.rotaryBase(),
                SHAPE.tied());
        ParameterLayout layout = new ParameterLayout(shape);
        ModelState state = new ModelState(
                backend, device, host, layout, Partition.alone(layout), StateForm.resident(DataType.FLOAT32));
        state.clear();
        TileSize tile = TileSize.forLength(workload.sequenceLength());
        Gpt gpt = new Gpt(
                shape,
                layout,
                backend,
                device,
                host,
                state.weightsView(),
                new SingleDevice(backend.kernels()),
                new FlashAttention(
                        backend.kernels(),
                        device,
                        new AttentionShape(shape.heads(), shape.keyValueHeads(), shape.headSize()),
                        tile,
                        DataType.FLOAT32),
                form,
                DataType.FLOAT32);
        AttentionMask mask = new MaskRule.Causal()
                .take(backend, device, host, tile, workload.microBatch(), workload.sequenceLength());
        Batch batch = new Batch(backend, device, host, mask);
        int[] tokens = new int[workload.sequenceLength()];
        float[] weights = new float[workload.sequenceLength()];
        Arrays.fill(weights, 1);
        for (int sequence = 0; sequence < workload.microBatch(); sequence++) {
            batch.put(sequence, tokens, tokens, weights, tokens);
        }
        batch.send();
        gpt.train(batch, state.gradientsView(true), new ResidentActivations(device));
    }

    /** For kernels without scratch. */
    private static MemoryPlanner planner() {
        return new MemoryPlanner(MemoryPlannerTest::step, new PlanningBackend(2));
    }

    static Stream<String> backends() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted();
    }

    @ParameterizedTest
    @MethodSource("backends")
    void a_step_takes_exactly_the_bytes_that_were_planned(String backendName) {
        Workload workload = new Workload(2, 150);
        try (Backend backend = new Backends().open(backendName, new BackendProvider.Options(2))) {
            MemoryPlan plan = new MemoryPlanner(MemoryPlannerTest::step, backend).planWithin(workload, BOUNDLESS);
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes())) {
                step(workload, backend, device, host);
                assertThat(device.peak()).isEqualTo(plan.deviceArenaBytes());
                assertThat(host.peak()).isEqualTo(plan.hostBytes());
                assertThat(plan.device()).containsAllEntriesOf(device.ownersAtPeak());
                assertThat(host.ownersAtPeak()).isEqualTo(plan.host());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void scratch_of_the_cpu_kernels_is_held_to_what_was_planned(int lanes) {
        Workload workload = new Workload(2, 700);
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(lanes))) {
            MemoryPlan plan = new MemoryPlanner(MemoryPlannerTest::step, backend).plan(workload);
            assertThat(plan.device().get("scratch of kernels"))
                    .isEqualTo(plan.scratch().bytes())
                    .isPositive();
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes())) {
                backend.reserveScratch(plan.scratch(), plan.scratch().bytes());
                step(workload, backend, device, host);
                assertThat(backend.scratchBytes()).isEqualTo(plan.scratch().bytes());
            }
        }
    }

    @Test
    void kernels_that_need_more_scratch_than_the_budget_leaves_name_the_budget() {
        Workload workload = new Workload(2, 700);
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1))) {
            MemoryPlan small = new MemoryPlanner(MemoryPlannerTest::step, backend).plan(new Workload(1, 64));
            MemoryPlan plan = new MemoryPlanner(MemoryPlannerTest::step, backend).plan(workload);
            try (Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
                    Arena host = new Arena(backend, Place.HOST, plan.hostBytes())) {
                backend.reserveScratch(small.scratch(), small.scratch().bytes());
                assertThatThrownBy(() -> step(workload, backend, device, host))
                        .isInstanceOf(UserError.class)
                        .hasMessageStartingWith("memory.device-budget: kernels need ");
            }
        }
    }

    @Test
    void owners_add_up_to_the_peak() {
        try (PlanningBackend backend = new PlanningBackend(1);
                Arena arena = new Arena(backend, Place.DEVICE, 1L << 20)) {
            arena.allocate("state", DataType.FLOAT32, 1, 16);
            Arena.Mark mark = arena.mark();
            arena.allocate("early", DataType.FLOAT32, 1, 64);
            arena.release(mark);
            arena.allocate("late", DataType.FLOAT32, 1, 128);
            arena.release(mark);
            assertThat(arena.ownersAtPeak()).isEqualTo(Map.of("state", 64L, "late", 512L));
            assertThat(arena.peak()).isEqualTo(576);
        }
    }

    @Test
    void every_owner_at_the_peak_is_named() {
        MemoryPlan plan = planner().plan(new Workload(1, 64));
        assertThat(plan.device())
                .containsOnlyKeys(
                        "parameters",
                        "gradients",
                        "optimizer state",
                        "rotary table",
                        "attention tiles",
                        "batch",
                        "mask",
                        "activations",
                        "scratch");
        assertThat(plan.host()).containsOnlyKeys("rotary table");
    }

    @Test
    void a_million_tokens_are_planned_at_once() {
        MemoryPlan plan = planner().plan(new Workload(1, 1 << 20));
        // 10 times (tokens, hidden) a layer: input, query-key-value (2), output, middle, 4 of the wide rows; FLOAT32.
        assertThat(plan.device().get("activations")).isGreaterThan(2L * 9 * 32 * 4 << 20);
    }

    @ParameterizedTest
    @EnumSource(Recompute.class)
    void products_of_a_step_are_those_of_the_formula_but_for_the_scores(Recompute recompute) {
        Workload workload = new Workload(2, 96);
        ActivationForm form = new ActivationForm(recompute, 0, OptionalInt.empty());
        CountingForecast products = new CountingForecast();
        try (PlanningBackend backend = new PlanningBackend(1, products, Optional.empty());
                Arena device = new Arena(backend, Place.DEVICE, 1L << 40);
                Arena host = new Arena(backend, Place.HOST, 1L << 40)) {
            step(workload, backend, device, host, form);
            assertThat(products.flops).isEqualTo(new FlopCount(SHAPE, form).hardware(2 * 96, 0));
        }
    }

    /** Counts the operations of products outside of attention's tiles. */
    private static final class CountingForecast implements ScratchForecast {
        private double flops;

        @Override
        public void matmul(MatrixProduct product) {
            flops += 2.0 * product.m() * product.n() * product.k();
        }

        @Override
        public KernelScratch scratch() {
            return KernelScratch.NONE;
        }
    }

    @Test
    void a_step_that_does_not_fit_says_what_it_needs_and_what_would_fit() {
        MemoryPlan three = planner().plan(new Workload(3, 256));
        MemoryPlan.Budget budget = new MemoryPlan.Budget(three.deviceBytes(), 1L << 40);
        Workload four = new Workload(4, 256);
        long needed = planner().plan(four).deviceBytes();
        assertThatThrownBy(() -> planner().planWithin(four, budget))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("memory.device-budget = " + budget.deviceBytes() + " bytes, and a step needs "
                        + needed + " (activations ")
                .hasMessageEndingWith(
                        "; train.micro-batch = 3 would fit, or data.sequence-length = 192; submit/longstrand plan says which"
                                + " memory settings help");
    }

    @Test
    void what_is_advised_fits_and_a_little_more_does_not() {
        MemoryPlan.Budget budget =
                new MemoryPlan.Budget(planner().plan(new Workload(1, 1000)).deviceBytes(), 1L << 40);
        assertThat(planner().longestSequence(1, 1 << 20, budget)).hasValue(960);
    }

    @Test
    void more_tokens_than_a_step_can_have_are_refused() {
        assertThatThrownBy(() -> planner().plan(new Workload(1000, 1_000_000)))
                .isInstanceOf(UserError.class)
                .hasMessage("train.micro-batch = 1000 and data.sequence-length = 1000000: a micro-batch of 1000000000"
                        + " tokens, and it can hold at most 536870848");
    }

    @Test
    void a_budget_below_the_model_itself_says_that_nothing_fits() {
        assertThatThrownBy(() -> planner().planWithin(new Workload(1, 64), new MemoryPlan.Budget(1000, 1L << 40)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("choose a smaller model or a larger budget");
    }

    @Test
    void the_host_budget_is_held_as_well() {
        assertThatThrownBy(() -> planner().planWithin(new Workload(1, 64), new MemoryPlan.Budget(1L << 40, 1000)))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("memory.host-budget = 1000 bytes");
    }
}
