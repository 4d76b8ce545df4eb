package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.bench.peer.KernelShape;
import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchKernels;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelCostTest {
    private static final KernelShape SHAPE = new KernelShape(16, 128);
    /**
     * Methods of the contract that are no kernels, products with what prepares them, which others measure, and the parts
     * of cross-entropy, which are loops of the whole.
     */
    private static final Set<String> OTHERS = Set.of(
            "compute",
            "lanes",
            "parallel",
            "expectOnLanes",
            "fusedAttention",
            "matmul",
            "packing",
            "crossEntropyPart",
            "crossEntropyPartGradient");

    @Test
    void every_kernel_of_the_contract_is_measured() {
        assertThat(KernelCost.all(SHAPE, DataType.FLOAT32).keySet())
                .containsAll(Arrays.stream(Kernels.class.getMethods())
                        .map(Method::getName)
                        .filter(name -> !OTHERS.contains(name))
                        .toList());
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void every_kernel_runs_on_the_backend_and_in_libtorch(DataType type) {
        Map<String, KernelCost> costs = KernelCost.all(SHAPE, type);
        try (KernelSet ours = new KernelSet("cpu", 1, SHAPE, type)) {
            costs.keySet().forEach(ours::run);
        }
        if (new Libtorch().unavailable().isEmpty()) {
            try (LibtorchKernels theirs = new LibtorchKernels(SHAPE, type == DataType.BFLOAT16)) {
                costs.keySet().forEach(theirs::run);
            }
        }
    }

    @Test
    void bytes_are_those_of_every_operand_once() {
        Map<String, KernelCost> costs = KernelCost.all(SHAPE, DataType.BFLOAT16);
        long elements = 16 * 128;
        assertThat(costs.get("add").bytes()).isEqualTo(3 * 2 * elements);
        assertThat(costs.get("adamW").bytes()).isEqualTo(7 * 4 * elements);
        assertThat(costs.get("toFloat32").bytes()).isEqualTo(6 * elements);
        assertThat(costs.get("crossEntropy").bytes()).isEqualTo(2 * 2 * 16 * KernelShape.VOCABULARY);
    }

    @Test
    void the_least_time_is_that_of_what_takes_longer() {
        KernelCost cost = new KernelCost(1, 1, 100, 1000);
        assertThat(cost.leastSeconds(10, 1000)).isEqualTo(10);
        assertThat(cost.leastSeconds(1000, 10)).isEqualTo(100);
    }
}
