package io.longstrand.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.comm.DirectMemory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class BackgroundCopiesTest {
    private static final int ELEMENTS = 8;
    private static final long BYTES = ELEMENTS * 4L;

    private final Tensor from = DirectMemory.tensor(DataType.FLOAT32, ELEMENTS);
    private final Tensor to = DirectMemory.tensor(DataType.FLOAT32, ELEMENTS);

    @Test
    void a_copy_is_made_on_the_thread_of_its_stream_unless_small_ones_are_to_be_made_at_once() {
        Thread here = Thread.currentThread();
        assertThat(copiedBy(0)).isNotSameAs(here);
        assertThat(copiedBy(BYTES - 1)).isNotSameAs(here);
        assertThat(copiedBy(BYTES)).isSameAs(here);
    }

    private Thread copiedBy(long atOnceBytes) {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        BiConsumer<Tensor, Tensor> copier = (source, target) -> threads.add(Thread.currentThread());
        try (BackgroundCopies copies = new BackgroundCopies("test", () -> copier, atOnceBytes)) {
            CopyStream stream = copies.open();
            stream.finish(stream.copy(from, to));
        }
        assertThat(threads).hasSize(1);
        return threads.get(0);
    }

    @Test
    void a_small_copy_behind_a_task_waits_for_its_turn() {
        CountDownLatch gate = new CountDownLatch(1);
        List<String> order = new CopyOnWriteArrayList<>();
        BiConsumer<Tensor, Tensor> copier = (source, target) -> order.add("copy");
        try (BackgroundCopies copies = new BackgroundCopies("test", () -> copier, BYTES)) {
            CopyStream stream = copies.open();
            stream.run(() -> {
                await(gate);
                order.add("task");
            });
            CopyStream.Event copied = stream.copy(from, to);
            assertThat(copied.reached()).isFalse();
            gate.countDown();
            stream.finish(copied);
        }
        assertThat(order).containsExactly("task", "copy");
    }

    @Test
    void draining_waits_for_a_copy_that_its_submitter_is_making() {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean copied = new AtomicBoolean();
        BiConsumer<Tensor, Tensor> copier = (source, target) -> {
            begun.countDown();
            pause();
            copied.set(true);
        };
        try (BackgroundCopies copies = new BackgroundCopies("test", () -> copier, BYTES)) {
            CopyStream stream = copies.open();
            Thread submitter = new Thread(() -> stream.copy(from, to), "test-submitter");
            submitter.start();
            await(begun);

            copies.drain();

            assertThat(copied).isTrue();
        }
    }

    @Test
    void a_device_that_still_copies_holds_back_tasks_and_whoever_finishes_but_no_submitter() {
        LateDevice device = new LateDevice();
        List<String> order = new CopyOnWriteArrayList<>();
        try (BackgroundCopies copies = BackgroundCopies.onDevice("test", () -> device)) {
            CopyStream stream = copies.open();
            CopyStream.Event first = stream.copy(from, to);
            CopyStream.Event second = stream.copy(from, to);
            CopyStream.Event task = stream.run(() -> order.add("task"));
            stream.await(second);
            assertThat(device.held).hasSize(1);
            assertThat(first.reached()).isFalse();
            assertThat(task.reached()).isFalse();
            assertThat(order).isEmpty();

            device.done.countDown();

            stream.finish(task);
            assertThat(first.reached()).isTrue();
            assertThat(order).containsExactly("task");
        }
        assertThat(device.closed).isTrue();
    }

    @Test
    void what_a_copy_starts_after_is_handed_to_the_device() {
        LateDevice device = new LateDevice();
        device.done.countDown();
        try (BackgroundCopies copies = BackgroundCopies.onDevice("test", () -> device)) {
            CopyStream stream = copies.open();
            CopyStream.Event first = stream.copy(from, to);
            stream.finish(stream.copy(from, to, first));
        }
        assertThat(device.after).hasSize(2);
        assertThat(device.after.get(0)).isSameAs(device.computed);
        assertThat(device.after.get(1)).isSameAs(device.copies.get(0));
    }

    /** Its copies are done when it is told so. */
    private static final class LateDevice implements CopyEngine {
        private final CountDownLatch done = new CountDownLatch(1);
        private final Completion computed = completion();
        private final List<Completion> copies = new CopyOnWriteArrayList<>();
        private final List<Completion> after = new CopyOnWriteArrayList<>();
        private final List<Completion> held = new CopyOnWriteArrayList<>();
        private boolean closed;

        private Completion completion() {
            return new Completion() {
                @Override
                public boolean reached() {
                    return done.getCount() == 0;
                }

                @Override
                public void finish() {
                    await(done);
                }
            };
        }

        @Override
        public Completion computed() {
            return computed;
        }

        @Override
        public Completion copy(Tensor from, Tensor to, Completion begun) {
            after.add(begun);
            copies.add(completion());
            return copies.get(copies.size() - 1);
        }

        @Override
        public void holdCompute(Completion until) {
            held.add(until);
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Long enough for draining to return early if it did not wait. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
