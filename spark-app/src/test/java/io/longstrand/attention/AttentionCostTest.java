package io.longstrand.attention;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.plan.PlanningBackend;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What attention asks of the kernels, counted over a backend that computes nothing. */
class AttentionCostTest {
    private static final int HEAD_SIZE = 64;
    private static final int WINDOW = 1024;
    private static final long MASK_BYTES = 64L << 20;

    /** Calls and operations of a forward and a backward pass of one head. */
    private record Cost(long tiles, long backwardTiles, double flops) {}

    @Test
    void a_window_costs_its_width_at_any_length() {
        Cost before = cost(new MaskRule.Window(WINDOW), 8192, new int[8192]);
        for (int length = 16384; length <= 65536; length *= 2) {
            Cost cost = cost(new MaskRule.Window(WINDOW), length, new int[length]);
            // But for the beginning, where there is less to see.
            assertThat(cost.flops() / before.flops()).isBetween(2.0, 2.2);
            assertThat((double) cost.tiles() / before.tiles()).isBetween(2.0, 2.2);
            assertThat(cost.backwardTiles()).isEqualTo(cost.tiles());
            // 14 operations a pair and element of a head; a tile of 128 queries looks at 1,152 keys.
            double pairs = (double) length * (WINDOW + 128);
            assertThat(cost.flops()).isLessThanOrEqualTo(14 * HEAD_SIZE * pairs);
            before = cost;
        }
    }

    @Test
    void causal_attention_looks_at_nothing_behind_the_diagonal() {
        int length = 8192;
        Cost cost = cost(new MaskRule.Causal(), length, new int[length]);
        double pairs = 0.5 * length * (length + 128); // whole tiles of 128 queries on the diagonal
        assertThat(cost.flops()).isEqualTo(14 * HEAD_SIZE * pairs);
    }

    @Test
    void documents_cost_what_they_would_alone() {
        int length = 8192;
        int[] starts = new int[length];
        Arrays.fill(starts, length / 2, length, length / 2);
        Cost apart = cost(new MaskRule.Document(), length, starts);
        Cost half = cost(new MaskRule.Causal(), length / 2, new int[length / 2]);
        assertThat(apart.flops()).isEqualTo(2 * half.flops());
        assertThat(apart.tiles()).isEqualTo(2 * half.tiles());
    }

    @Test
    void a_custom_mask_skips_the_tiles_it_hides() {
        int length = 8192;
        CustomMask near = (query, key, documentStart) -> key <= query && query - key < WINDOW;
        Cost custom = cost(CustomMasking.of(near, "rule", 0), length, new int[length]);
        assertThat(custom).isEqualTo(cost(new MaskRule.Window(WINDOW), length, new int[length]));
    }

    private static Cost cost(Masking masking, int length, int[] documentStart) {
        AttentionShape shape = new AttentionShape(1, 1, HEAD_SIZE);
        try (Run run = new Run(CountedKernels::new, shape, masking, length)) {
            run.attend(documentStart);
            return new Cost(
                    run.counted.calls("softmaxTile"),
                    run.counted.calls("softmaxTileBackward"),
                    run.counted.productFlops());
        }
    }

    @Test
    void offsets_beyond_two_to_the_31_elements_are_reached() {
        int length = 1 << 22;
        AttentionShape shape = new AttentionShape(8, 8, 128);
        try (Run run = new Run(CountedKernels::ofLastTasks, shape, new MaskRule.Window(WINDOW), length)) {
            run.attend(new int[length]);
            assertThat(run.counted.calls("softmaxTile")).isPositive();
            assertThat(run.counted.calls("softmaxTileBackward")).isPositive();
            // The last element of the eighth tensor of 2^32 elements, behind a log-sum-exp and row dots.
            assertThat(run.counted.lastCopied()).isEqualTo(8L * length * 1024 + 2 * 8L * length - 1);
        }
    }

    /** Attention over tensors that hold nothing, with a mask that is there. */
    private static final class Run implements AutoCloseable {
        private final Backend masks = new Backends().open("cpu", new BackendProvider.Options(1));
        private final Arena maskDevice;
        private final Arena maskHost;
        private final Arena device;
        private final CountedKernels counted;
        private final AttentionMask mask;
        private final FlashAttention attention;
        private final AttentionShape shape;
        private final int length;

        private Run(Function<Kernels, CountedKernels> counting, AttentionShape shape, Masking masking, int length) {
            this.shape = shape;
            this.length = length;
            maskDevice = new Arena(masks, Place.DEVICE, MASK_BYTES);
            maskHost = new Arena(masks, Place.HOST, MASK_BYTES);
            PlanningBackend plan = new PlanningBackend(1);
            device = new Arena(plan, Place.DEVICE, 1L << 50);
            counted = counting.apply(plan.kernels());
            TileSize tile = TileSize.forLength(length);
            mask = masking.take(masks, maskDevice, maskHost, tile, 1, length);
            attention = new FlashAttention(counted.kernels(), device, shape, tile, DataType.FLOAT32);
        }

        private void attend(int[] documentStart) {
            mask.put(0, documentStart);
            mask.send();
            Attention.Tensors tensors = new Attention.Tensors(
                    rows(), rows(), rows(), rows(), device.allocate("test", DataType.FLOAT32, shape.heads(), length));
            attention.forward(tensors, mask);
            attention.backward(
                    tensors,
                    device.allocate("test", DataType.FLOAT32, shape.heads(), length),
                    new Attention.TensorGradients(rows(), rows(), rows(), rows()),
                    mask);
        }

        private Tensor rows() {
            return device.allocate("test", DataType.FLOAT32, length, (long) shape.heads() * shape.headSize());
        }

        @Override
        public void close() {
            device.close();
            maskHost.close();
            maskDevice.close();
            masks.close();
        }
    }
}
