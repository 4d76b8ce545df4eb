package io.longstrand.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.comm.Communicator;
import io.longstrand.comm.Crew;
import io.longstrand.comm.Pending;
import io.longstrand.comm.World;
import io.longstrand.comm.nccl.FakeNccl.Call;
import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What ranks call of NCCL: which calls, in which order, on which streams, and what ends them. */
class NcclCommunicatorTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final FakeNccl nccl = new FakeNccl();

    /** What a rank does with its group of all ranks and with its tensors. */
    @FunctionalInterface
    private interface Work {
        void run(Communicator ranks, Device device) throws Exception;
    }

    /** Some tensors of a rank. */
    private record Device(Backend backend, Arena arena, Arena host) {
        Tensor filled(DataType type, long elements, float value) {
            Tensor tensor = arena.allocate("test", type, 1, elements);
            if (type != DataType.INT32) {
                backend.kernels().fill(tensor, value);
            }
            return tensor;
        }

        float[] read(Tensor tensor) {
            Tensor there = host.allocate("test", DataType.FLOAT32, 1, tensor.elements());
            backend.kernels().copy(tensor, there);
            backend.synchronize();
            float[] values = new float[(int) tensor.elements()];
            there.hostBytes().asFloatBuffer().get(values);
            return values;
        }
    }

    private static void withDevice(World world, Work work) throws Exception {
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1));
                Arena arena = new Arena(backend, Place.DEVICE, 1 << 16);
                Arena host = new Arena(backend, Place.HOST, 1 << 16)) {
            Mesh mesh = new Mesh(world.size(), 1, 1, 1);
            try {
                work.run(world.along(mesh, Set.of(Axis.DATA)), new Device(backend, arena, host));
            } finally {
                world.close();
            }
        }
    }

    private Crew crew(int ranks) {
        return new Crew(nccl.worlds(ranks, TIMEOUT));
    }

    private void run(int ranks, Work work) {
        try (Crew crew = crew(ranks)) {
            crew.run(world -> withDevice(world, work));
        }
    }

    private List<String> texts(int rank) {
        return nccl.calls(rank).stream().map(Call::toString).toList();
    }

    @Test
    void the_first_rank_of_a_group_makes_what_opens_it_and_all_leave_it_together() {
        run(2, (ranks, device) -> assertThat(ranks.place()).isEqualTo(Place.DEVICE));

        assertThat(texts(0))
                .containsExactly("unique id", "open stream", "open rank 0 of 2", "finish", "destroy", "close stream");
        assertThat(texts(1)).containsExactly("open stream", "open rank 1 of 2", "finish", "destroy", "close stream");
    }

    @Test
    void slices_of_one_length_are_one_call_with_the_elements_of_a_slice() {
        run(2, (ranks, device) -> {
            Tensor all = device.filled(DataType.FLOAT32, 6, ranks.rank() + 1);
            Tensor slice = device.filled(DataType.FLOAT32, 3, 0);
            ranks.reduceScatter(all, slice);
            assertThat(device.read(slice)).containsOnly(3);
            ranks.allGather(slice, all);
            assertThat(device.read(all)).containsOnly(3);
            Tensor halves = device.filled(DataType.BFLOAT16, 6, ranks.rank());
            ranks.allReduce(halves);
            assertThat(device.read(halves)).containsOnly(1);
        });

        assertThat(between(texts(0), "open rank 0 of 2", "finish"))
                .containsExactly("reduce-scatter 3 FLOAT32", "all-gather 3 FLOAT32", "all-reduce 6 BFLOAT16");
    }

    @Test
    void slices_of_different_lengths_are_a_call_a_rank_in_one_group() {
        run(3, (ranks, device) -> {
            int own = ranks.rank() < 2 ? 3 : 2;
            Tensor all = device.filled(DataType.FLOAT32, 8, ranks.rank() + 1);
            Tensor slice = device.filled(DataType.FLOAT32, own, 0);
            ranks.reduceScatter(all, slice);
            assertThat(device.read(slice)).hasSize(own).containsOnly(6);
            device.backend().kernels().fill(slice, ranks.rank());
            ranks.allGather(slice, all);
            assertThat(device.read(all)).containsExactly(0, 0, 0, 1, 1, 1, 2, 2);
        });

        assertThat(between(texts(2), "open rank 2 of 3", "finish"))
                .containsExactly(
                        "begin group",
                        "reduce 3 FLOAT32 0",
                        "reduce 3 FLOAT32 1",
                        "reduce 2 FLOAT32 2",
                        "end group",
                        "begin group",
                        "broadcast 3 FLOAT32 0",
                        "broadcast 3 FLOAT32 1",
                        "broadcast 2 FLOAT32 2",
                        "end group");
    }

    @Test
    void slices_in_place_stay_in_place() {
        run(2, (ranks, device) -> {
            Tensor all = device.filled(DataType.FLOAT32, 4, ranks.rank() + 1);
            Tensor slice = all.columns(2L * ranks.rank(), 2L * ranks.rank() + 2);
            ranks.reduceScatter(all, slice);
            ranks.allGather(slice, all);
            assertThat(device.read(all)).containsOnly(3);
        });
    }

    @Test
    void parts_for_everybody_are_one_group_and_empty_ones_are_left_out() {
        run(2, (ranks, device) -> {
            int other = 1 - ranks.rank();
            List<Tensor> out = new ArrayList<>();
            List<Tensor> in = new ArrayList<>();
            for (int peer = 0; peer < 2; peer++) {
                out.add(device.filled(DataType.FLOAT32, part(ranks.rank(), peer), 10 * ranks.rank() + peer));
                in.add(device.filled(DataType.FLOAT32, part(peer, ranks.rank()), -1));
            }
            ranks.allToAll(out, in);
            assertThat(device.read(in.get(other))).isEqualTo(other == 0 ? new float[0] : new float[] {10, 10, 10});
            assertThat(device.read(in.get(ranks.rank()))).containsOnly(11 * ranks.rank());
        });

        assertThat(between(texts(0), "open rank 0 of 2", "finish"))
                .containsExactly(
                        "begin group", "send 2 FLOAT32 0", "receive 2 FLOAT32 0", "receive 3 FLOAT32 1", "end group");
    }

    /** The first rank has nothing for the second. */
    private static int part(int from, int to) {
        return from == to ? 2 : 3 * from;
    }

    @Test
    void every_group_has_a_stream_of_its_own() {
        try (Crew crew = crew(4)) {
            crew.run(world -> withDevice(world, (ranks, device) -> {
                Communicator half = world.along(new Mesh(2, 2, 1, 1), Set.of(Axis.CONTEXT));
                Pending first = ranks.startAllReduce(device.filled(DataType.FLOAT32, 4, 1));
                Pending second = half.startAllReduce(device.filled(DataType.FLOAT32, 2, 1));
                second.await();
                first.await();
            }));
        }

        assertThat(nccl.calls(0))
                .filteredOn(call -> call.what().startsWith("all-reduce"))
                .hasSize(2)
                .extracting(Call::stream)
                .doesNotHaveDuplicates();
    }

    @Test
    void in_a_ring_everybody_sends_before_anybody_takes() {
        run(3, (ranks, device) -> {
            int next = (ranks.rank() + 1) % 3;
            int previous = (ranks.rank() + 2) % 3;
            List<Pending> pending = new ArrayList<>();
            List<Tensor> arrived = new ArrayList<>();
            for (int turn = 0; turn < 3; turn++) {
                Tensor given = device.filled(DataType.FLOAT32, 4, 10 * turn + ranks.rank());
                arrived.add(device.filled(DataType.FLOAT32, 4, -1));
                pending.add(ranks.startSend(next, given));
            }
            // What the next rank takes first is asked for last here.
            for (Tensor taken : arrived) {
                pending.add(ranks.startReceive(previous, taken));
            }
            pending.forEach(Pending::await);
            for (int turn = 0; turn < 3; turn++) {
                assertThat(device.read(arrived.get(turn))).containsOnly(10 * turn + previous);
            }
        });

        assertThat(nccl.calls(0))
                .filteredOn(
                        call -> call.what().startsWith("send") || call.what().startsWith("receive"))
                .hasSize(6)
                .extracting(call -> call.what().substring(0, 4) + call.communicator())
                .satisfies(ways -> assertThat(Set.copyOf(ways)).hasSize(2));
    }

    @Test
    void a_ring_begins_to_leave_everywhere_before_it_waits_anywhere() {
        run(3, (ranks, device) -> {
            Pending given = ranks.startSend((ranks.rank() + 1) % 3, device.filled(DataType.FLOAT32, 4, 1));
            ranks.receive((ranks.rank() + 2) % 3, device.filled(DataType.FLOAT32, 4, 0));
            given.await();
        });

        for (int rank = 0; rank < 3; rank++) {
            List<String> texts = texts(rank);
            assertThat(texts.subList(texts.indexOf("finish"), texts.size()))
                    .containsExactly(
                            "finish",
                            "finish",
                            "finish",
                            "destroy",
                            "close stream",
                            "destroy",
                            "close stream",
                            "destroy",
                            "close stream");
        }
    }

    @Test
    void groups_that_cross_each_other_are_left_in_the_order_in_which_they_were_opened() {
        try (Crew crew = crew(4)) {
            crew.run(world -> withDevice(world, (ranks, device) -> {
                Mesh mesh = new Mesh(2, 2, 1, 1);
                world.along(mesh, Set.of(Axis.CONTEXT));
                world.along(mesh, Set.of(Axis.DATA));
            }));
        }

        for (int rank = 0; rank < 4; rank++) {
            assertThat(nccl.calls(rank))
                    .filteredOn(call -> call.what().equals("destroy"))
                    .extracting(Call::communicator)
                    .isSorted()
                    .hasSize(3);
            assertThat(texts(rank)).doesNotContain("abort");
        }
    }

    @Test
    void a_library_that_lacks_a_call_ends_the_others_at_once_and_leaves_no_stream() {
        failAt(1, "open rank", new NoSuchMethodError("ncclCommInitRankConfig"));

        assertThat(errorsOfTwo((ranks, device) -> {})).allSatisfy(error -> assertThat(error)
                .hasMessageMatching("communication failed at rank 1 \\(.*\\), broadcast 0 of group nccl data:"
                        + " java.lang.NoSuchMethodError: ncclCommInitRankConfig"));
        assertThat(texts(1)).containsExactly("open stream", "open rank 1 of 2", "close stream");
    }

    @Test
    void memory_that_is_out_in_an_operation_ends_the_others_at_once() {
        failAt(1, "all-reduce", new OutOfMemoryError("none left"));

        assertThat(errorsOfTwo((ranks, device) -> ranks.allReduce(device.filled(DataType.FLOAT32, 4, 1))))
                .allSatisfy(error -> assertThat(error)
                        .hasMessageMatching("communication failed at rank 1 \\(.*\\), all-reduce 1 of group nccl data:"
                                + " java.lang.OutOfMemoryError: none left"));
        assertEnded();
    }

    @Test
    void a_group_of_calls_is_ended_also_when_one_of_them_fails() {
        failAt(1, "receive", new NoSuchMethodError("ncclRecv"));

        assertThat(errorsOfTwo((ranks, device) -> {
                    List<Tensor> out = new ArrayList<>();
                    List<Tensor> in = new ArrayList<>();
                    for (int peer = 0; peer < 2; peer++) {
                        out.add(device.filled(DataType.FLOAT32, 2, 1));
                        in.add(device.filled(DataType.FLOAT32, 2, 0));
                    }
                    ranks.allToAll(out, in);
                }))
                .allSatisfy(error -> assertThat(error).hasMessageContaining("NoSuchMethodError: ncclRecv"));
        assertThat(texts(1)).containsSubsequence("begin group", "receive 2 FLOAT32 0", "end group", "abort");
    }

    @Test
    void an_error_on_the_device_ends_every_rank_and_every_communicator() {
        List<String> messages;
        try (Crew crew = crew(2)) {
            messages = crew.failures(world -> withDevice(world, (ranks, device) -> {
                ranks.allReduce(device.filled(DataType.FLOAT32, 4, 1));
                if (world.rank() == 1) {
                    nccl.breakDown("NCCL says unhandled system error (no route)");
                }
                for (int turn = 0; turn < 1000; turn++) {
                    ranks.allReduce(device.filled(DataType.FLOAT32, 4, 1));
                }
            }));
        }

        assertThat(messages).allSatisfy(message -> assertThat(message)
                .startsWith("communication failed at rank ")
                .contains("all-reduce", "of group nccl data: NCCL says unhandled system error (no route)"));
        assertEnded();
    }

    @Test
    void a_rank_that_is_lost_ends_what_the_others_wait_for() {
        List<Throwable> errors;
        try (Crew crew = crew(3)) {
            errors = crew.errors(world -> withDevice(world, (ranks, device) -> {
                if (world.rank() == 2) {
                    throw new IllegalStateException("gone");
                }
                ranks.allReduce(device.filled(DataType.FLOAT32, 4, 1));
            }));
        }

        assertThat(errors.subList(0, 2)).allSatisfy(error -> assertThat(error)
                .hasMessageMatching(
                        "communication failed at rank 2 \\(.*\\), all-reduce 1 of group nccl data:" + " it has left"));
        assertThat(texts(0)).contains("abort").doesNotContain("destroy");
    }

    @Test
    void what_takes_too_long_is_ended_and_named() {
        List<Throwable> errors;
        try (Crew crew = new Crew(nccl.worlds(2, Duration.ofMillis(300)))) {
            errors = crew.errors(world -> withDevice(world, (ranks, device) -> {
                if (world.rank() == 0) {
                    ranks.allReduce(device.filled(DataType.FLOAT32, 4, 1));
                } else {
                    Thread.sleep(1500);
                }
            }));
        }

        assertThat(errors.get(0))
                .hasMessageMatching("communication failed at rank 1 \\(.*\\), all-reduce 1 of group nccl data:"
                        + " rank 0 waited 0.3 s for it \\(comm.operation-timeout\\)");
    }

    @Test
    void ranks_that_begin_different_operations_are_stopped_at_once() {
        List<String> messages;
        try (Crew crew = crew(2)) {
            messages = crew.failures(world -> withDevice(
                    world,
                    (ranks, device) -> ranks.allReduce(device.filled(DataType.FLOAT32, world.rank() == 0 ? 4 : 5, 1))));
        }

        assertThat(messages).allSatisfy(message -> assertThat(message)
                .contains("the ranks of a group must begin the same operations in the same order"));
    }

    @Test
    void what_is_not_on_the_device_or_does_not_fit_is_refused() {
        run(2, (ranks, device) -> {
            Tensor onHost = device.host().allocate("test", DataType.FLOAT32, 1, 4);
            Tensor rows = device.arena().allocate("test", DataType.FLOAT32, 4, 4);
            Tensor all = device.filled(DataType.FLOAT32, 4, 1);
            assertThatThrownBy(() -> ranks.allReduce(onHost)).hasMessageContaining("on the device first");
            assertThatThrownBy(() -> ranks.allReduce(rows.columns(0, 2))).hasMessageContaining("adjacent rows");
            assertThatThrownBy(() -> ranks.allGather(all, all)).hasMessageContaining("has 2 of 4");
            assertThatThrownBy(() -> ranks.send(ranks.rank(), all)).hasMessageContaining("to itself");
            assertThatThrownBy(() -> ranks.allToAll(List.of(all), List.of(all))).hasMessageContaining("2 ranks");
        });
    }

    private void failAt(int rank, String what, Error error) {
        nccl.before(call -> {
            if (call.rank() == rank && call.what().startsWith(what)) {
                throw error;
            }
        });
    }

    private List<Throwable> errorsOfTwo(Work work) {
        try (Crew crew = crew(2)) {
            return crew.errors(world -> withDevice(world, work));
        }
    }

    private void assertEnded() {
        for (int rank = 0; rank < 2; rank++) {
            assertThat(texts(rank)).contains("abort").doesNotContain("destroy");
        }
    }

    private static List<String> between(List<String> calls, String first, String last) {
        return calls.subList(calls.indexOf(first) + 1, calls.indexOf(last));
    }
}
