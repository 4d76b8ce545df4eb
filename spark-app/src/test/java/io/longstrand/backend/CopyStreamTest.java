package io.longstrand.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.conformance.Placing;
import io.longstrand.conformance.Workbench;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Copies beside the compute stream: their order, what waits for them and what does not. */
class CopyStreamTest {
    private static final int ROWS = 1000;
    private static final int COLUMNS = 70;

    @EveryBackend
    void what_was_computed_before_is_copied_and_awaited_before_it_is_used(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            Tensor device = bench.undefined(ROWS, COLUMNS, Placing.VIEW);
            Tensor host = bench.allocate(Place.HOST, DataType.FLOAT32, ROWS, COLUMNS);
            for (int round = 1; round <= 20; round++) {
                bench.kernels().fill(device, round);
                CopyStream.Event out = copies.copy(device, host);
                copies.await(out);
                bench.kernels().fill(device, -1);
                CopyStream.Event in = copies.copy(host, device);
                copies.await(in);
                assertThat(bench.read(device)[ROWS - 1]).containsOnly(round);
            }
        }
    }

    @EveryBackend
    void types_are_converted(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            Tensor wide = bench.device(new double[][] {{1, -2.5, 1e30}, {0, 3, 0.125}});
            Tensor narrow = bench.allocate(Place.DEVICE, DataType.BFLOAT16, 2, 3);
            Tensor host = bench.allocate(Place.HOST, DataType.FLOAT32, 2, 3);
            copies.copy(wide.columns(0, 2), narrow.columns(0, 2));
            copies.finish(copies.copy(narrow, host));
            assertThat(bench.read(host)).isDeepEqualTo(new double[][] {{1, -2.5, 0}, {0, 3, 0}});
        }
    }

    @EveryBackend
    void pieces_run_in_the_order_of_submission_while_the_host_goes_on(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            Tensor first = bench.device(new double[][] {{1, 2, 3}});
            Tensor second = bench.row(0, 0, 0);
            Tensor third = bench.row(0, 0, 0);
            CountDownLatch gate = new CountDownLatch(1);
            List<Integer> order = Collections.synchronizedList(new ArrayList<>());
            copies.run(() -> {
                await(gate);
                order.add(1);
            });
            copies.copy(first, second);
            copies.run(() -> order.add(2));
            CopyStream.Event last = copies.copy(second, third);
            assertThat(last.reached()).isFalse();
            assertThat(order).isEmpty();
            gate.countDown();
            copies.finish(last);
            assertThat(last.reached()).isTrue();
            assertThat(order).containsExactly(1, 2);
            assertThat(bench.readRow(third)).containsExactly(1, 2, 3);
        }
    }

    @EveryBackend
    void streams_do_not_wait_for_each_other_but_for_events(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream slow = bench.backend().openCopyStream();
            CopyStream fast = bench.backend().openCopyStream();
            Tensor from = bench.row(4, 5);
            Tensor between = bench.row(0, 0);
            Tensor to = bench.row(0, 0);
            CountDownLatch gate = new CountDownLatch(1);
            slow.run(() -> await(gate));
            CopyStream.Event behindGate = slow.copy(from, between);
            fast.finish(fast.copy(bench.row(1, 2), to));
            CopyStream.Event behindBoth = fast.copy(between, to, behindGate);
            assertThat(behindBoth.reached()).isFalse();
            gate.countDown();
            fast.await(behindBoth);
            assertThat(bench.readRow(to)).containsExactly(4, 5);
        }
    }

    @EveryBackend
    void lanes_share_a_stream_each_with_its_own_buffers(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            int tasks = 200;
            int lanes = bench.kernels().lanes();
            Tensor buffers = bench.undefined(lanes, COLUMNS, Placing.CONTIGUOUS);
            Tensor staged = bench.allocate(Place.HOST, DataType.FLOAT32, lanes, COLUMNS);
            Tensor out = bench.undefined(tasks, COLUMNS, Placing.CONTIGUOUS);
            bench.kernels().parallel(tasks, (task, lane) -> {
                Tensor mine = buffers.rows(lane, lane + 1L);
                bench.kernels().fill(mine, task);
                copies.copy(mine, staged.rows(lane, lane + 1L));
                copies.await(copies.copy(staged.rows(lane, lane + 1L), out.rows(task, task + 1)));
            });
            double[][] read = bench.read(out);
            for (int task = 0; task < tasks; task++) {
                assertThat(read[task]).containsOnly(task);
            }
        }
    }

    @EveryBackend
    void a_failure_is_thrown_to_whoever_waits_for_it_or_for_what_lies_behind(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            Tensor from = bench.row(1, 2);
            Tensor to = bench.row(0, 0);
            CopyStream.Event before = copies.run(() -> {});
            CopyStream.Event failing = copies.run(() -> {
                throw new IllegalStateException("the disk is full");
            });
            CopyStream.Event behind = copies.copy(from, to);
            copies.finish(before);
            for (CopyStream.Event event : List.of(failing, behind, copies.run(() -> {}))) {
                assertThatThrownBy(() -> copies.finish(event))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("the disk is full");
            }
            assertThat(bench.readRow(to)).containsExactly(0, 0);
        }
    }

    @EveryBackend
    void shapes_that_differ_are_refused_at_once(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            assertThatThrownBy(() -> copies.copy(bench.row(1, 2), bench.row(1, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class);
            copies.finish(copies.run(() -> {}));
        }
    }

    @EveryBackend
    void memory_is_given_back_only_when_nothing_is_under_way(String backend) {
        try (Workbench bench = Workbench.open(backend)) {
            CopyStream copies = bench.backend().openCopyStream();
            Memory memory = bench.backend().allocate(Place.HOST, 4 * ROWS);
            CountDownLatch gate = new CountDownLatch(1);
            CopyStream.Event under = copies.run(() -> await(gate));
            CopyStream.Event last = copies.run(() -> {});
            Thread opener = new Thread(gate::countDown);
            assertThat(under.reached()).isFalse();
            opener.start();
            memory.close();
            assertThat(last.reached()).isTrue();
        }
    }

    private static void await(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
