package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.conformance.Workbench;
import io.longstrand.tensor.Activation;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.tensor.TileMask;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Memory of both places, and what may cross between them. */
class PlaceTest {
    /** A kernel as a function of its tensors, and how many it takes; all are 2 × 2 or 1 × 2. */
    private record Call(String name, String shapes, Consumer<Tensor[]> kernel) {}

    /** Every kernel but copy. A letter per tensor: m is a 2 × 2 matrix, r a row of 2, i a row of 2 integers, c 2 × 1, w 2 × 1 integers. */
    private static List<Call> calls(Kernels kernels) {
        AdamWStep step = new AdamWStep(1, 0.1f, 0.9f, 0.9f, 1e-8f, 0, 1);
        TileMask full = new TileMask.Full();
        return List.of(
                new Call("matmul", "mmm", t -> kernels.matmul(MatrixProduct.of(t[0], t[1], t[2]))),
                new Call(
                        "matmul with bias",
                        "mmmr",
                        t -> kernels.matmul(
                                MatrixProduct.of(t[0], t[1], t[2]).plus(t[3]).then(Activation.GELU))),
                new Call("fill", "m", t -> kernels.fill(t[0], 1)),
                new Call("add", "mmm", t -> kernels.add(t[0], t[1], t[2])),
                new Call("sumOfSquares", "m", t -> kernels.sumOfSquares(t[0])),
                new Call("addColumnSums", "mr", t -> kernels.addColumnSums(t[0], t[1])),
                new Call("rowDots", "mmr", t -> kernels.rowDots(t[0], t[1], t[2])),
                new Call("layerNorm", "mrrmrr", t -> kernels.layerNorm(t[0], t[1], t[2], 1e-5f, t[3], t[4], t[5])),
                new Call(
                        "layerNormBackward",
                        "mmrrrmrr",
                        t -> kernels.layerNormBackward(t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7])),
                new Call("rmsNorm", "mrmr", t -> kernels.rmsNorm(t[0], t[1], 1e-5f, t[2], t[3])),
                new Call("rmsNormBackward", "mmrrmr", t -> kernels.rmsNormBackward(t[0], t[1], t[2], t[3], t[4], t[5])),
                new Call("gelu", "mm", t -> kernels.gelu(t[0], t[1])),
                new Call("geluBackward", "mmm", t -> kernels.geluBackward(t[0], t[1], t[2])),
                new Call("swiglu", "mmm", t -> kernels.swiglu(t[0], t[1], t[2])),
                new Call("swigluBackward", "mmmmm", t -> kernels.swigluBackward(t[0], t[1], t[2], t[3], t[4])),
                new Call("rotary", "micc", t -> kernels.rotary(t[0], 2, t[1], t[2], t[3], false)),
                new Call("embedding", "imm", t -> kernels.embedding(t[0], t[1], t[2], false)),
                new Call("embeddingBackward", "imm", t -> kernels.embeddingBackward(t[0], t[1], t[2])),
                new Call("crossEntropy", "mirrm", t -> kernels.crossEntropy(t[0], t[1], t[2], t[3], Optional.of(t[4]))),
                new Call("softmaxTile", "mrrmm", t -> kernels.softmaxTile(t[0], full, 1, t[1], t[2], t[3], t[4])),
                new Call(
                        "softmaxTile with ranges",
                        "mrrmmii",
                        t -> kernels.softmaxTile(t[0], new TileMask.Ranges(t[5], t[6], 0), 1, t[1], t[2], t[3], t[4])),
                new Call(
                        "softmaxTile with bits",
                        "mrrmmw",
                        t -> kernels.softmaxTile(t[0], new TileMask.Bits(t[5]), 1, t[1], t[2], t[3], t[4])),
                new Call("softmaxFinish", "mrrmr", t -> kernels.softmaxFinish(t[0], t[1], t[2], t[3], t[4])),
                new Call(
                        "softmaxTileBackward",
                        "mmrrmm",
                        t -> kernels.softmaxTileBackward(t[0], t[1], full, 1, t[2], t[3], t[4], t[5])),
                new Call(
                        "softmaxTileBackward with ranges",
                        "mmrrmmii",
                        t -> kernels.softmaxTileBackward(
                                t[0], t[1], new TileMask.Ranges(t[6], t[7], 0), 1, t[2], t[3], t[4], t[5])),
                new Call(
                        "softmaxTileBackward with bits",
                        "mmrrmmw",
                        t -> kernels.softmaxTileBackward(
                                t[0], t[1], new TileMask.Bits(t[6]), 1, t[2], t[3], t[4], t[5])),
                new Call("adamW", "rrrr", t -> kernels.adamW(step, t[0], t[1], t[2], t[3])));
    }

    @EveryBackend
    void every_kernel_but_copy_refuses_a_host_tensor_in_any_place(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            for (Call call : calls(bench.kernels())) {
                call.kernel().accept(tensors(bench, call.shapes(), -1)); // all on the device: accepted
                for (int onHost = 0; onHost < call.shapes().length(); onHost++) {
                    Tensor[] tensors = tensors(bench, call.shapes(), onHost);
                    assertThatThrownBy(() -> call.kernel().accept(tensors))
                            .as("%s, tensor %d on the host", call.name(), onHost)
                            .isInstanceOf(IllegalArgumentException.class);
                }
            }
        }
    }

    private static Tensor[] tensors(Workbench bench, String shapes, int onHost) {
        Tensor[] tensors = new Tensor[shapes.length()];
        for (int i = 0; i < tensors.length; i++) {
            char shape = shapes.charAt(i);
            tensors[i] = bench.allocate(
                    i == onHost ? Place.HOST : Place.DEVICE,
                    shape == 'i' || shape == 'w' ? DataType.INT32 : DataType.FLOAT32,
                    shape == 'm' || shape == 'c' || shape == 'w' ? 2 : 1,
                    shape == 'c' || shape == 'w' ? 1 : 2);
        }
        return tensors;
    }

    @EveryBackend
    void memory_is_zeroed_aligned_and_counted(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            Backend device = bench.backend();
            for (Place place : Place.values()) {
                long before = device.peakBytes(place);
                List<Memory> memories = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    Memory memory = device.allocate(place, 1000 + i);
                    memories.add(memory);
                    assertThat(memory.address() % Arena.ALIGNMENT).isZero();
                    assertThat(memory.bytes()).isEqualTo(1000 + i);
                    assertThat(memory.place()).isEqualTo(place);
                    Tensor floats = Tensor.contiguous(memory, 0, DataType.FLOAT32, 1, 250);
                    assertThat(bench.readRow(floats)).containsOnly(0);
                }
                assertThat(device.peakBytes(place)).isGreaterThanOrEqualTo(10 * 1000);
                Collections.reverse(memories);
                memories.forEach(Memory::close);
                long peak = device.peakBytes(place);
                device.allocate(place, 64).close();
                assertThat(device.peakBytes(place)).as("peak").isEqualTo(peak).isGreaterThanOrEqualTo(before);
            }
        }
    }

    @EveryBackend
    void host_memory_shows_windows_and_device_memory_does_not(String backend) {
        try (Workbench bench = Workbench.open(backend);
                Memory host = bench.backend().allocate(Place.HOST, 100);
                Memory device = bench.backend().allocate(Place.DEVICE, 100)) {
            host.bytes(8, 4).putInt(0x01020304);
            assertThat(host.bytes(8, 1).get(0)).as("little-endian").isEqualTo((byte) 4);
            assertThat(host.bytes(90, 10).capacity()).isEqualTo(10);
            assertThatThrownBy(() -> host.bytes(91, 10)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> host.bytes(-1, 10)).isInstanceOf(IndexOutOfBoundsException.class);
            assertThatThrownBy(() -> device.bytes(0, 10)).isInstanceOf(IllegalStateException.class);
        }
    }

    @EveryBackend
    void every_self_test_passes(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            assertThat(bench.backend().selfTest()).isNotEmpty().allSatisfy(test -> assertThat(test.passed())
                    .as("%s: %s", test.name(), test.detail())
                    .isTrue());
            assertThat(bench.backend().name()).isEqualTo(backend);
            assertThat(bench.backend().description()).isNotBlank();
            assertThat(bench.backend().scratchBytes()).isNotNegative();
        }
    }
}
