package io.longstrand.backend.cpu;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackgroundCopies;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.KernelScratch;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.ScratchForecast;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;

/** This machine's processor as a device: device memory is ordinary memory under a budget. */
final class CpuBackend implements Backend {
    /** Handing a smaller copy to a thread takes longer than making it. */
    private static final long SMALL_COPY_BYTES = 1 << 15;

    private final InstructionSet instructions;
    private final OneDnn library;
    private final LanePool lanes;
    private final CpuKernels kernels;
    // A copy thread works alone: the lanes belong to the kernels.
    private final BackgroundCopies copies = new BackgroundCopies(
            CpuBackendProvider.NAME, () -> new TensorCopy(new LanePool(1))::copy, SMALL_COPY_BYTES);
    private final AtomicLongArray held = new AtomicLongArray(Place.values().length);
    private final AtomicLongArray peak = new AtomicLongArray(Place.values().length);
    private boolean closed;

    CpuBackend(int threads) {
        this(threads, InstructionSet.ofThisMachine());
    }

    /** @param instructions what is said of this processor's speed is said of these */
    CpuBackend(int threads, InstructionSet instructions) {
        this.instructions = instructions;
        library = new OneDnn();
        lanes = new LanePool(threads);
        kernels = new CpuKernels(lanes, library);
    }

    @Override
    public String name() {
        return CpuBackendProvider.NAME;
    }

    @Override
    public String description() {
        return lanes.lanes() + (lanes.lanes() == 1 ? " thread" : " threads") + ", oneDNN " + OneDnn.version() + " on "
                + instructions.text() + ", vectors of " + Floats.WIDTH + " floats";
    }

    @Override
    public Optional<String> caution(DataType type) {
        if (type != DataType.BFLOAT16 || instructions.multipliesBfloat16()) {
            return Optional.empty();
        }
        return Optional.of("bf16: this processor (" + instructions.text() + ") has no instructions that multiply"
                + " bfloat16, so steps take longer than in fp32; activations take half the memory");
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Memory allocate(Place place, long bytes) {
        int index = place.ordinal();
        CpuMemory memory = new CpuMemory(place, bytes, () -> {
            copies.drain();
            held.addAndGet(index, -bytes);
        });
        long now = held.addAndGet(index, bytes);
        peak.accumulateAndGet(index, now, Math::max);
        return memory;
    }

    @Override
    public CopyStream openCopyStream() {
        return copies.open();
    }

    @Override
    public void synchronize() {
        // Kernels return when their work is done: nothing is ever outstanding.
    }

    @Override
    public long peakBytes(Place place) {
        return peak.get(place.ordinal());
    }

    @Override
    public long scratchBytes() {
        return kernels.scratchBytes();
    }

    @Override
    public ScratchForecast scratchForecast() {
        return new CpuScratchForecast(lanes.lanes());
    }

    @Override
    public void reserveScratch(KernelScratch scratch, long most) {
        kernels.reserveScratch(scratch, most);
    }

    @Override
    public List<SelfTest> selfTest() {
        return new CpuSelfTest(this, instructions).run();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            copies.close();
            lanes.close();
            kernels.close();
            library.close();
        }
    }
}
