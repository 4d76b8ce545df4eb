package io.longstrand.comm;

import static io.longstrand.comm.Vectors.bytes;
import static io.longstrand.comm.Vectors.part;
import static io.longstrand.comm.Vectors.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.mesh.Axis;
import io.longstrand.mesh.Mesh;
import io.longstrand.mesh.Slices;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operations must give whatever carries the messages. */
public abstract class OperationContract {
    /** None, one, fewer than ranks, uneven. */
    private static final long[] LENGTHS = {0, 1, 3, 1001, 40_003};

    /** Beyond the pieces in which large messages travel, for as many ranks as take part in it. */
    private static final long LARGE = 800_017;

    private static final int RANKS_OF_LARGE = 2;

    private static final Duration PLENTY = Duration.ofSeconds(20);

    /** So many ranks that can reach each other. */
    protected abstract List<World> join(int ranks, Duration operationTimeout);

    /** So many ranks that have all the time they need. */
    Crew crew(int ranks) {
        return new Crew(join(ranks, PLENTY));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void an_all_reduce_gives_every_rank_the_sum_in_the_order_of_ranks(int ranks) {
        try (Crew crew = crew(ranks)) {
            forEachVector(ranks, (type, length) -> {
                byte[] expected = Vectors.sum(everyRanks(ranks, type, length));
                crew.run(world -> {
                    Tensor tensor = random(type, length, world.rank());
                    world.all().allReduce(tensor);
                    assertThat(bytes(tensor)).isEqualTo(expected);
                });
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void a_reduce_scatter_gives_every_rank_its_slice_of_the_same_sum_and_leaves_the_input_alone(int ranks) {
        try (Crew crew = crew(ranks)) {
            forEachVector(ranks, (type, length) -> {
                byte[] expected = Vectors.sum(everyRanks(ranks, type, length));
                Slices slices = new Slices(length, ranks);
                crew.run(world -> {
                    int rank = world.rank();
                    Tensor input = random(type, length, rank);
                    Tensor slice = DirectMemory.tensor(type, slices.length(rank));
                    world.all().reduceScatter(input, slice);
                    assertThat(bytes(slice)).isEqualTo(cut(expected, type, slices, rank));
                    assertThat(bytes(input)).isEqualTo(bytes(random(type, length, rank)));
                });
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void an_all_gather_gives_every_rank_all_slices_also_from_within_the_output(int ranks) {
        try (Crew crew = crew(ranks)) {
            forEachVector(ranks, (type, length) -> {
                Tensor whole = random(type, length, 77);
                Slices slices = new Slices(length, ranks);
                crew.run(world -> {
                    int rank = world.rank();
                    Tensor own = part(whole, slices.from(rank), slices.to(rank));
                    Tensor output = DirectMemory.tensor(type, length);
                    world.all().allGather(own, output);
                    assertThat(bytes(output)).isEqualTo(bytes(whole));

                    Tensor inPlace = DirectMemory.tensor(type, length);
                    Tensor place = part(inPlace, slices.from(rank), slices.to(rank));
                    place.hostBytes().put(bytes(own));
                    world.all().allGather(place, inPlace);
                    assertThat(bytes(inPlace)).isEqualTo(bytes(whole));
                });
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void an_all_to_all_gives_every_rank_the_part_meant_for_it_and_parts_may_differ_in_length(int ranks) {
        try (Crew crew = crew(ranks)) {
            forEachVector(
                    ranks,
                    (type, length) -> crew.run(world -> {
                        int rank = world.rank();
                        List<Tensor> outgoing = new ArrayList<>();
                        List<Tensor> incoming = new ArrayList<>();
                        for (int peer = 0; peer < ranks; peer++) {
                            outgoing.add(random(type, length / (peer + 1 + 2L * rank), 10L * rank + peer));
                            incoming.add(DirectMemory.tensor(type, length / (rank + 1 + 2L * peer)));
                        }
                        world.all().allToAll(outgoing, incoming);
                        for (int peer = 0; peer < ranks; peer++) {
                            assertThat(bytes(incoming.get(peer)))
                                    .isEqualTo(bytes(random(type, length / (rank + 1 + 2L * peer), 10L * peer + rank)));
                        }
                    }));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void a_broadcast_gives_every_rank_what_the_root_has(int ranks) {
        try (Crew crew = crew(ranks)) {
            forEachVector(
                    ranks,
                    (type, length) -> crew.run(world -> {
                        for (int root = 0; root < ranks; root++) {
                            Tensor tensor = random(type, length, world.rank());
                            world.all().broadcast(root, tensor);
                            assertThat(bytes(tensor)).isEqualTo(bytes(random(type, length, root)));
                        }
                    }));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void what_is_sent_round_a_ring_arrives_in_order_while_other_operations_run(int ranks) {
        try (Crew crew = crew(ranks)) {
            crew.run(world -> {
                Communicator all = world.all();
                int next = (world.rank() + 1) % ranks;
                int before = (world.rank() + ranks - 1) % ranks;
                Tensor sum = random(DataType.FLOAT32, 300_000, world.rank());
                Pending summing = all.startAllReduce(sum);
                List<Pending> pending = new ArrayList<>();
                List<Tensor> arrived = new ArrayList<>();
                for (int turn = 0; turn < 5; turn++) {
                    arrived.add(DirectMemory.tensor(DataType.BFLOAT16, 400_000L * turn));
                    pending.add(all.startReceive(before, arrived.get(turn)));
                    pending.add(all.startSend(
                            next, random(DataType.BFLOAT16, 400_000L * turn, 100L * world.rank() + turn)));
                }
                pending.forEach(Pending::await);
                summing.await();
                for (int turn = 0; turn < 5; turn++) {
                    assertThat(bytes(arrived.get(turn)))
                            .isEqualTo(bytes(random(DataType.BFLOAT16, 400_000L * turn, 100L * before + turn)));
                }
                assertThat(bytes(sum)).isEqualTo(Vectors.sum(everyRanks(ranks, DataType.FLOAT32, 300_000)));
            });
        }
    }

    @Test
    void slices_of_several_pieces_travel_round_a_ring_while_their_sums_are_computed() {
        long length = 4_000_003; // slices of more than 4 MiB
        byte[] expected = Vectors.sum(everyRanks(3, DataType.FLOAT32, length));
        try (Crew crew = crew(3)) {
            crew.run(world -> {
                Tensor tensor = random(DataType.FLOAT32, length, world.rank());
                world.all().allReduce(tensor);
                assertThat(bytes(tensor)).isEqualTo(expected);
            });
        }
    }

    @Test
    void many_operations_in_flight_end_right_in_whatever_order_they_are_awaited() {
        try (Crew crew = crew(3)) {
            crew.run(world -> {
                List<Tensor> sums = new ArrayList<>();
                List<Pending> pending = new ArrayList<>();
                for (int turn = 0; turn < 20; turn++) {
                    sums.add(random(DataType.FLOAT32, 5000L * turn, world.rank()));
                    pending.add(world.all().startAllReduce(sums.get(turn)));
                }
                for (int turn = 19; turn >= 0; turn--) {
                    pending.get(turn).await();
                    assertThat(pending.get(turn).isDone()).isTrue();
                    assertThat(bytes(sums.get(turn)))
                            .isEqualTo(Vectors.sum(everyRanks(3, DataType.FLOAT32, 5000L * turn)));
                }
            });
        }
    }

    @Test
    void groups_along_the_axes_of_a_mesh_communicate_beside_each_other() {
        Mesh mesh = new Mesh(2, 1, 2, 1);
        try (Crew crew = crew(4)) {
            crew.run(world -> {
                Communicator data = world.along(mesh, Set.of(Axis.DATA));
                Communicator head = world.along(mesh, Set.of(Axis.HEAD));
                Tensor overData = random(DataType.INT32, 50_001, world.rank());
                Tensor overHead = random(DataType.INT32, 50_001, world.rank());
                // Begun in another order on different ranks: groups do not wait for each other.
                Pending first = world.rank() < 2 ? data.startAllReduce(overData) : head.startAllReduce(overHead);
                Pending second = world.rank() < 2 ? head.startAllReduce(overHead) : data.startAllReduce(overData);
                second.await();
                first.await();
                assertThat(data.size()).isEqualTo(2);
                assertThat(data.rank()).isEqualTo(world.rank() / 2);
                assertThat(bytes(overData)).isEqualTo(sumOf(mesh.group(world.rank(), Set.of(Axis.DATA))));
                assertThat(bytes(overHead)).isEqualTo(sumOf(mesh.group(world.rank(), Set.of(Axis.HEAD))));
                assertThat(world.along(mesh, Set.of(Axis.DATA))).isSameAs(data);
            });
        }
    }

    @Test
    void sums_do_not_depend_on_where_slices_begin() {
        try (Crew crew = crew(3)) {
            crew.run(world -> {
                Tensor whole = random(DataType.FLOAT32, 1000, world.rank());
                Tensor buckets = random(DataType.FLOAT32, 1000, world.rank());
                world.all().allReduce(whole);
                world.all().allReduce(part(buckets, 0, 333));
                world.all().allReduce(part(buckets, 333, 1000));
                assertThat(bytes(buckets)).isEqualTo(bytes(whole));
            });
        }
    }

    @Test
    void counters_hold_the_elements_sent_in_their_own_type() {
        try (Crew crew = crew(4)) {
            crew.run(world -> {
                Communicator all = world.all();
                all.allReduce(DirectMemory.tensor(DataType.FLOAT32, 4000));
                all.reduceScatter(
                        DirectMemory.tensor(DataType.BFLOAT16, 4000), DirectMemory.tensor(DataType.BFLOAT16, 1000));
                all.allGather(
                        DirectMemory.tensor(DataType.BFLOAT16, 1000), DirectMemory.tensor(DataType.BFLOAT16, 4000));

                assertThat(world.traffic().get(OperationKind.ALL_REDUCE).bytesSent())
                        .isEqualTo(2 * 3 * 1000 * 4);
                assertThat(world.traffic().get(OperationKind.REDUCE_SCATTER).bytesSent())
                        .isEqualTo(3 * 1000 * 2);
                Traffic gathered = world.traffic().get(OperationKind.ALL_GATHER);
                assertThat(gathered.bytesSent()).isEqualTo(3 * 1000 * 2);
                assertThat(gathered.operations()).isEqualTo(1);
                assertThat(gathered.seconds()).isPositive();
                assertThat(world.traffic().get(OperationKind.BROADCAST)).isEqualTo(Traffic.NONE);
            });
        }
    }

    private interface VectorCase {
        void check(DataType type, long length);
    }

    private static void forEachVector(int ranks, VectorCase one) {
        for (DataType type : DataType.values()) {
            for (long length : LENGTHS) {
                one.check(type, length);
            }
            if (ranks == RANKS_OF_LARGE) {
                one.check(type, LARGE);
            }
        }
    }

    private static List<Tensor> everyRanks(int ranks, DataType type, long length) {
        return IntStream.range(0, ranks)
                .mapToObj(rank -> random(type, length, rank))
                .toList();
    }

    private static byte[] sumOf(List<Integer> ranks) {
        return Vectors.sum(
                ranks.stream().map(rank -> random(DataType.INT32, 50_001, rank)).toList());
    }

    private static byte[] cut(byte[] whole, DataType type, Slices slices, int rank) {
        return Arrays.copyOfRange(
                whole,
                Math.toIntExact(slices.from(rank) * type.bytes()),
                Math.toIntExact(slices.to(rank) * type.bytes()));
    }
}
