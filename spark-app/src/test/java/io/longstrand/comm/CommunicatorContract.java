package io.longstrand.comm;

import static io.longstrand.comm.Vectors.bytes;
import static io.longstrand.comm.Vectors.part;
import static io.longstrand.comm.Vectors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.RunFailure;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What must hold whatever carries the messages: what operations give, and what ranks at odds, late or gone come to. */
public abstract class CommunicatorContract extends OperationContract {
    @Test
    void another_length_on_one_rank_fails_every_rank_and_names_both_sides() {
        try (Crew crew = crew(3)) {
            List<String> failures = crew.failures(world ->
                    world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, world.rank() == 1 ? 900 : 1000)));

            assertThat(failures).allSatisfy(message -> assertThat(message)
                    .contains("all-reduce 0 of group world", "all-reduce of 900 FLOAT32", "all-reduce of 1000 FLOAT32")
                    .contains("rank 1 "));
        }
    }

    @Test
    void another_type_on_one_rank_fails_every_rank_and_names_both_sides() {
        try (Crew crew = crew(2)) {
            List<String> failures = crew.failures(world -> world.all()
                    .broadcast(0, DirectMemory.tensor(world.rank() == 0 ? DataType.INT32 : DataType.FLOAT32, 8)));

            assertThat(failures).allSatisfy(message -> assertThat(message)
                    .contains("broadcast of 8 INT32 from rank 0", "broadcast of 8 FLOAT32 from rank 0"));
        }
    }

    @Test
    void another_operation_on_one_rank_fails_every_rank_and_names_both_sides() {
        try (Crew crew = crew(4)) {
            List<String> failures = crew.failures(world -> {
                Tensor whole = DirectMemory.tensor(DataType.FLOAT32, 8);
                world.all().allReduce(whole);
                if (world.rank() == 3) {
                    world.all().allGather(part(whole, 6, 8), whole);
                } else {
                    world.all().allReduce(whole);
                }
            });

            assertThat(failures).allSatisfy(message -> assertThat(message)
                    .contains("1 of group world", "all-gather of 8 FLOAT32", "all-reduce of 8 FLOAT32"));
        }
    }

    @Test
    void a_received_length_that_is_not_the_sent_one_fails_both_ranks_and_names_both_lengths() {
        try (Crew crew = crew(2)) {
            List<String> failures = crew.failures(world -> {
                if (world.rank() == 0) {
                    world.all().send(1, DirectMemory.tensor(DataType.FLOAT32, 10));
                } else {
                    world.all().receive(0, DirectMemory.tensor(DataType.FLOAT32, 11));
                }
            });

            assertThat(failures).allSatisfy(message -> assertThat(message)
                    .contains("send/receive 0 of group world", "rank 0 sends 40 bytes", "rank 1 expects 44 bytes"));
        }
    }

    @Test
    void a_rank_that_takes_no_part_fails_every_rank_when_the_time_of_an_operation_is_over() {
        try (Crew crew = new Crew(join(3, Duration.ofMillis(400)))) {
            List<Throwable> errors = crew.errors(world -> {
                if (world.rank() != 2) {
                    world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 30));
                }
            });

            assertThat(errors.get(2)).isNull();
            assertThat(errors.subList(0, 2)).allSatisfy(error -> assertThat(error)
                    .hasMessageContaining("rank 2 (")
                    .hasMessageContaining("all-reduce 0 of group world")
                    .hasMessageContaining("waited 0.4 s for it (comm.operation-timeout)"));
        }
    }

    @Test
    void a_rank_that_leaves_while_others_wait_for_it_fails_them_and_every_later_operation() {
        try (Crew crew = crew(3)) {
            List<Throwable> errors = crew.errors(world -> {
                if (world.rank() == 1) {
                    world.close();
                } else {
                    world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 30));
                }
            });

            assertThat(List.of(errors.get(0), errors.get(2)))
                    .allSatisfy(error -> assertThat(error).hasMessageContainingAll("rank 1 (", "it has left"));
            assertThatThrownBy(() -> crew.world(0).all().send(2, DirectMemory.tensor(DataType.INT32, 1)))
                    .hasMessageContainingAll("rank 1 (", "it has left");
        }
    }

    @Test
    void ranks_may_leave_as_soon_as_their_own_operations_are_done() {
        byte[] expected = Vectors.sum(IntStream.range(0, 3)
                .mapToObj(rank -> random(DataType.FLOAT32, 30_000, rank))
                .toList());
        for (int turn = 0; turn < 10; turn++) {
            try (Crew crew = crew(3)) {
                crew.run(world -> {
                    Tensor tensor = random(DataType.FLOAT32, 30_000, world.rank());
                    world.all().allReduce(tensor);
                    world.close();
                    assertThat(bytes(tensor)).isEqualTo(expected);
                });
            }
        }
    }

    @Test
    void a_closed_world_leaves_no_thread_behind() throws InterruptedException {
        Crew crew = crew(3);
        crew.run(world -> world.all().allReduce(DirectMemory.tensor(DataType.FLOAT32, 30)));
        assertThat(threads()).isNotEmpty();
        crew.close();

        assertThat(threads()).isEmpty();
    }

    @Test
    void what_cannot_be_meant_is_refused_before_anything_is_sent() {
        try (Crew crew = crew(2)) {
            Communicator all = crew.world(0).all();
            Tensor whole = DirectMemory.tensor(DataType.FLOAT32, 5);

            assertThatThrownBy(() -> all.startAllGather(part(whole, 0, 2), whole))
                    .hasMessage("rank 0 of 2 has 3 of 5 FLOAT32 elements, not 2 FLOAT32");
            assertThatThrownBy(() -> all.startAllToAll(List.of(whole), List.of(whole)))
                    .hasMessageContaining("1 parts out and 1 in where group world has 2 ranks");
            assertThatThrownBy(() -> all.startSend(0, whole)).hasMessage("rank 0 cannot send to itself");
            assertThatThrownBy(() -> all.startSend(2, whole)).isInstanceOf(IndexOutOfBoundsException.class);
            Tensor strided = new Tensor(whole.memory(), 0, DataType.FLOAT32, 2, 1, 3);
            assertThatThrownBy(() -> all.startAllReduce(strided)).hasMessageContaining("adjacent rows in host memory");
            assertThatThrownBy(() -> crew.world(0).group("others", List.of(1)))
                    .hasMessageContaining("rank 0 is no member of group others");
        }
    }

    @Test
    void a_rank_that_is_interrupted_while_it_waits_says_so() {
        try (Crew crew = crew(2)) {
            Communicator all = crew.world(0).all();
            Pending pending = all.startAllReduce(DirectMemory.tensor(DataType.FLOAT32, 4));
            Thread.currentThread().interrupt();

            assertThatThrownBy(pending::await).hasMessage("interrupted while waiting for all-reduce 0 of group world");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void a_wait_that_is_interrupted_fails_every_rank_and_lets_go_of_its_memory() {
        try (Crew crew = crew(2)) {
            Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, 4);
            Pending pending = crew.world(0).all().startReceive(1, tensor);
            Thread.currentThread().interrupt();

            assertThatThrownBy(pending::await)
                    .isInstanceOf(RunFailure.class)
                    .hasMessageContainingAll("rank 0 (", "send/receive 0 of group world", "it was interrupted");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(pending.isDone()).isTrue();
            assertThatThrownBy(() -> crew.world(1).all().send(0, random(DataType.FLOAT32, 4, 1)))
                    .hasMessageContainingAll("rank 0 (", "send/receive 0 of group world", "it was interrupted");
            assertThat(bytes(tensor)).containsOnly(0);
        }
    }

    @Test
    void a_world_that_is_closed_fails_the_operation_in_progress_and_those_that_wait_behind_it() {
        try (Crew crew = crew(2)) {
            Communicator all = crew.world(0).all();
            Pending first = all.startAllReduce(DirectMemory.tensor(DataType.FLOAT32, 4));
            Pending second = all.startAllReduce(DirectMemory.tensor(DataType.FLOAT32, 4));

            crew.world(0).close();

            assertThat(List.of(first, second)).allMatch(Pending::isDone);
            assertThatThrownBy(first::await)
                    .isInstanceOf(RunFailure.class)
                    .hasMessageContaining("all-reduce 0 of group world");
            assertThatThrownBy(second::await)
                    .isInstanceOf(RunFailure.class)
                    .hasMessage("all-reduce 1 of group world did not begin: this rank has left");
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("longstrand-comm"))
                .toList();
    }
}
