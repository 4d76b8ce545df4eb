package io.longstrand.tensor;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;

/**
 * A copy stream on a thread, beside kernels that are done when they return. A small copy with nothing before it may be
 * made at once by whoever submits it.
 */
final class BackgroundStream implements CopyStream {
    /** All a compute stream whose kernels are done was ever given. */
    private static final Event DONE = () -> true;

    private final BiConsumer<Tensor, Tensor> copier;
    private final long atOnceBytes;
    private final ExecutorService thread;
    /** Held by whoever works on a piece. */
    private final ReentrantLock turn = new ReentrantLock();
    /** Pieces handed to the thread that it has not done. */
    private final AtomicInteger pending = new AtomicInteger();
    /** What the first piece that failed threw; written and read by whose turn it is. */
    private Throwable failure;

    /** @param atOnceBytes the largest copy that its submitter may make; 0: none */
    BackgroundStream(String name, BiConsumer<Tensor, Tensor> copier, long atOnceBytes) {
        this.copier = copier;
        this.atOnceBytes = atOnceBytes;
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
        if (from.bytes() <= atOnceBytes && after.reached() && turn.tryLock()) {
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
        // A piece like any other: it gets its turn after a copy that its submitter is still making.
        submit(() -> {}).join();
    }

    void close() {
        drain();
        thread.shutdown();
    }

    private Piece submit(Runnable work) {
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
