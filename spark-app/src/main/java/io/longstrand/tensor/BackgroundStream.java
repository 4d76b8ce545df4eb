package io.longstrand.tensor;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A copy stream on a thread, which makes its copies or tells a device to. A task of the host waits for the copies before
 * it; a copy waits for the tasks before it. A small copy with nothing before it may be made at once by whoever submits
 * it.
 */
final class BackgroundStream implements CopyStream {
    /** All a compute stream whose kernels are done was ever given. */
    private static final Event DONE = () -> true;

    private final CopyEngine engine;
    private final long atOnceBytes;
    private final ExecutorService thread;
    /** Held by whoever works on a piece. */
    private final ReentrantLock turn = new ReentrantLock();
    /** Pieces handed to the thread that it has not done. */
    private final AtomicInteger pending = new AtomicInteger();
    /** What the first piece that failed threw; written and read by whose turn it is. */
    private Throwable failure;
    /** Of the copy begun last. */
    private volatile CopyEngine.Completion lastCopy = CopyEngine.Completion.DONE;

    /** @param atOnceBytes the largest copy that its submitter may make; 0: none */
    BackgroundStream(String name, CopyEngine engine, long atOnceBytes) {
        this.engine = engine;
        this.atOnceBytes = atOnceBytes;
        thread = Executors.newSingleThreadExecutor(work -> {
            Thread made = new Thread(work, name);
            made.setDaemon(true);
            return made;
        });
    }

    @Override
    public Event computed() {
        CopyEngine.Completion given = engine.computed();
        return given == CopyEngine.Completion.DONE ? DONE : new Piece(given);
    }

    @Override
    public Event copy(Tensor from, Tensor to, Event after) {
        if (from.rows() != to.rows() || from.columns() != to.columns()) {
            throw new IllegalArgumentException(from + " does not fit " + to);
        }
        if (from.bytes() <= atOnceBytes && after.reached() && turn.tryLock()) {
            try {
                if (pending.get() == 0) {
                    Piece piece = new Piece();
                    execute(() -> begin(from, to, after), piece);
                    return piece;
                }
            } finally {
                turn.unlock();
            }
        }
        return submit(() -> begin(from, to, after));
    }

    private CopyEngine.Completion begin(Tensor from, Tensor to, Event after) {
        lastCopy = engine.copy(from, to, begun(after));
        return lastCopy;
    }

    @Override
    public Event run(Runnable task) {
        return submit(() -> {
            lastCopy.finish();
            task.run();
            return CopyEngine.Completion.DONE;
        });
    }

    @Override
    public void await(Event event) {
        engine.holdCompute(begun(event));
    }

    @Override
    public void finish(Event event) {
        begun(event).finish();
    }

    void drain() {
        // A piece like any other: it gets its turn after a copy that its submitter is still making.
        submit(() -> CopyEngine.Completion.DONE).join();
        lastCopy.finish();
    }

    void close() {
        drain();
        thread.shutdown();
        engine.close();
    }

    private Piece submit(Supplier<CopyEngine.Completion> work) {
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
    private void execute(Supplier<CopyEngine.Completion> work, Piece piece) {
        if (failure == null) {
            try {
                piece.completion = work.get();
            } catch (RuntimeException | Error e) {
                failure = e;
            }
        }
        piece.failure = failure;
        piece.begun.countDown();
    }

    /** Waits until what an event stands for was begun; throws what it threw. */
    private static CopyEngine.Completion begun(Event event) {
        if (event == DONE) {
            return CopyEngine.Completion.DONE;
        }
        if (event instanceof Piece piece) {
            piece.join();
            if (piece.failure instanceof Error error) {
                throw error;
            }
            if (piece.failure != null) {
                throw (RuntimeException) piece.failure;
            }
            return piece.completion;
        }
        throw new IllegalArgumentException("an event of another backend");
    }

    /** Something submitted. */
    private static final class Piece implements Event {
        private final CountDownLatch begun;
        /** Written before the latch opens, as is the completion. */
        private Throwable failure;

        private CopyEngine.Completion completion;

        Piece() {
            this(1, CopyEngine.Completion.DONE);
        }

        /** One that was begun already. */
        Piece(CopyEngine.Completion completion) {
            this(0, completion);
        }

        private Piece(int toBegin, CopyEngine.Completion completion) {
            begun = new CountDownLatch(toBegin);
            this.completion = completion;
        }

        @Override
        public boolean reached() {
            return begun.getCount() == 0 && completion.reached();
        }

        private void join() {
            boolean interrupted = false;
            while (true) {
                try {
                    begun.await();
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
