package io.longstrand.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.comm.OperationKind;
import io.longstrand.config.ConfigurationLoader;
import io.longstrand.config.RunConfiguration;
import io.longstrand.plan.cluster.AbsentGpu;
import io.longstrand.plan.cluster.ClusterProfile;
import io.longstrand.plan.cluster.Rates;
import io.longstrand.plan.cluster.StepTime;
import io.longstrand.tensor.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClusterStepTest {
    private static final int VOCABULARY = 70;
    private static final int LENGTH = 4096;
    /** Everything at its published peak, so that seconds times peak are amounts. */
    private static final Rates PEAK = new Rates(1, 1, 1, 1);

    private final ClusterProfile cluster = ClusterProfile.named("a100-40g");

    @Test
    void operations_are_those_of_the_step_shared_by_all_ranks_of_a_sequence() {
        List<String> layout = List.of("parallel.context=2", "parallel.tensor=8");
        StepTime time = time(layout);

        double all = (time.products() + time.attention()) * cluster.peakFlops() * 16;

        assertThat(all / memory(layout).cost(gpu()).flops()).isCloseTo(1, within(1e-9));
        assertThat(time.attention() * cluster.peakFlops() * 16 / memory(layout).attentionFlops())
                .isCloseTo(1, within(1e-9));
    }

    @Test
    void ranks_of_one_node_send_nothing_to_another() {
        StepTime time = time(List.of("parallel.context=2", "parallel.tensor=2"));

        assertThat(time.inNode()).isPositive();
        assertThat(time.betweenNodes()).isZero();
    }

    @Test
    void the_tensor_axis_sends_inside_nodes_and_a_ring_over_nodes_through_each_ranks_adapter() {
        List<String> layout = List.of("parallel.context=2", "parallel.tensor=8");
        StepTime time = time(layout);
        Map<OperationKind, Long> sent = memory(layout).communicationBytes(gpu());

        double ring = sent.get(OperationKind.SEND_RECEIVE) / cluster.linkBetweenNodes();
        double collectives =
                sent.values().stream().mapToLong(Long::longValue).sum() - sent.get(OperationKind.SEND_RECEIVE);

        assertThat(time.inNode())
                .isBetween(0.5 * collectives / cluster.linkInNode(), collectives / cluster.linkInNode());
        assertThat(time.betweenNodes()).isBetween(ring, 1.2 * ring + collectives / cluster.linkBetweenNodes());
    }

    @Test
    void the_exchange_of_heads_stays_inside_nodes() {
        List<String> layout = List.of("parallel.context=2", "parallel.head=8");
        Map<OperationKind, Long> sent = memory(layout).communicationBytes(gpu());

        assertThat(time(layout).inNode() * cluster.linkInNode())
                .isGreaterThanOrEqualTo(sent.get(OperationKind.ALL_TO_ALL));
    }

    @Test
    void a_model_whose_heads_no_node_divides_is_shared_by_one_ring() {
        LongestSequences planner = new LongestSequences(
                more -> configuration(more, List.of("model.hidden=96", "model.heads=3", "memory.device-budget=8MiB")),
                VOCABULARY,
                cluster,
                PEAK);

        assertThat(planner.on(8).layout()).contains("parallel.context=8", "parallel.head=1", "parallel.tensor=1");
    }

    private StepTime time(List<String> layout) {
        return new ClusterStep(more -> configuration(more, List.of()), VOCABULARY, cluster, PEAK).time(layout, LENGTH);
    }

    private static TrainingMemory memory(List<String> layout) {
        return new TrainingMemory(configuration(layout, List.of("data.sequence-length=" + LENGTH)), VOCABULARY);
    }

    private Backend gpu() {
        return new AbsentGpu(cluster);
    }

    private static RunConfiguration configuration(List<String> more, List<String> others) {
        List<String> all = new ArrayList<>(List.of(
                "model.layers=2",
                "model.hidden=256",
                "model.heads=8",
                "train.micro-batch=1",
                "train.precision=bf16",
                "zero.stage=1"));
        all.addAll(others);
        all.addAll(more);
        return new ConfigurationLoader().load(Optional.empty(), all);
    }
}
