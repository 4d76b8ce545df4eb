package io.longstrand.tensor;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * A copy stream on a thread, beside kernels that are done when they return. A small copy with nothing before it is made
 * at once by whoever submits it: handing it over would take longer.
 */
final class BackgroundStream implements CopyStream {
    /** All a compute stream whose kernels are done was ever given. */
    private static final Event DONE = () -> true;

    private static final long SMALL_BYTES = 1 << 15;

    private final BiConsumer<Tensor, Tensor> copier;
    private final ExecutorService thread;
    /** Held by whoever works on a piece. */
    private final ReentrantLock turn = new ReentrantLock();
    /** Pieces handed to the thread that it has not done. */
    private final AtomicInteger pending = new AtomicInteger();
    /** What the first piece that failed threw; written and read by whose turn it is. */
    private Throwable failure;

    BackgroundStream(String name, BiConsumer<Tensor, Tensor> copier) {
        this.copier = copier;
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(work, name);
            made.setDaemon(true);
            return made;
        });
    }

    @Override
    public Event computed() {
        return DONE;
    }

    @Override
    public Event copy(Tensor from, Tensor to, Event after) {
        if (from.rows() != to.rows() || from.columns() != to.columns()) {
            throw new IllegalArgumentException(from + " does not fit " + to);
        }
        if (from.bytes() <= SMALL_BYTES && after.reached() && turn.tryLock()) {
            try {
                if (pending.get() == 0) {
                    return work(after, from, to);
                }
            } finally {
                turn.unlock();
            }
        }
        return submit(() -> {
            waitFor(after);
            copier.accept(from, to);
        });
    }

    private Event work(Event after, Tensor from, Tensor to) {
        Piece piece = new Piece();
        execute(
                () -> {
                    waitFor(after);
                    copier.accept(from, to);
                },
                piece);
        return piece;
    }

    @Override
    public Event run(Runnable task) {
        return submit(task);
    }

    @Override
    public void await(Event event) {
        waitFor(event);
    }

    @Override
    public void finish(Event event) {
        waitFor(event);
    }

    void drain() {
        Piece last = new Piece();
        thread.execute(last.done::countDown);
        last.join();
    }

    void close() {
        drain();
        thread.shutdown();
    }

    private Event submit(Runnable work) {
        Piece piece = new Piece();
        pending.incrementAndGet();
        thread.execute(() -> {
            turn.lock();
            try {
                execute(work, piece);
            } finally {
                pending.decrementAndGet();
                turn.unlock();
            }
        });
        return piece;
    }

    // What a piece throws, errors included, belongs to whoever waits for it: the thread must survive it.
    private void execute(Runnable work, Piece piece) {
        if (failure == null) {
            try {
                work.run();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        piece.failure = failure;
        piece.done.countDown();
    }

    private static void waitFor(Event event) {
        if (event instanceof Piece piece) {
            piece.join();
            if (piece.failure instanceof Error error) {
                throw error;
            }
            if (piece.failure != null) {
                throw (RuntimeException) piece.failure;
            }
        } else if (event != DONE) {
            throw new IllegalArgumentException("an event of another backend");
        }
    }

    /** Something submitted. */
    private static final class Piece implements Event {
        private final CountDownLatch done = new CountDownLatch(1);
        /** Written before the latch opens. */
        private Throwable failure;

        @Override
        public boolean reached() {
            return done.getCount() == 0;
        }

        private void join() {
            boolean interrupted = false;
            while (true) {
                try {
                    done.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true; // the thread still works on memory the caller would take back
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
