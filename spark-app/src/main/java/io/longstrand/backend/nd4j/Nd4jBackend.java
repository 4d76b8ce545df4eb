package io.longstrand.backend.nd4j;

import io.longstrand.backend.Lanes;
import io.longstrand.backend.MemoryUse;
import io.longstrand.backend.NativeMemory;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackgroundCopies;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J on the CPU. Operations are done when they return, so there is nothing to synchronise with. */
final class Nd4jBackend implements Backend {
    private final MemoryUse device = new MemoryUse();
    private final MemoryUse host = new MemoryUse();
    private final Scratch scratch = new Scratch();
    private final Lanes lanes;
    private final Kernels kernels;
    // A copy thread works alone: the lanes belong to the kernels.
    private final BackgroundCopies copies =
            new BackgroundCopies("nd4j", () -> new Nd4jKernels(new Lanes("nd4j-copies", 1), scratch)::copy);

    Nd4jBackend(int threads) {
        // Our lanes are the threads: ND4J and its BLAS work on the one that calls them.
        Nd4j.getEnvironment().setMaxThreads(1);
        Nd4j.getEnvironment().setMaxMasterThreads(1);
        openblas.blas_set_num_threads(1);
        lanes = new Lanes("nd4j", threads);
        kernels = new Nd4jKernels(lanes, scratch);
    }

    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public String description() {
        try {
            return "ND4J " + Loader.getVersion("org.nd4j", "nd4j-native") + " with OpenBLAS "
                    + Loader.getVersion("org.bytedeco", "openblas") + ", " + lanes.count() + " threads";
        } catch (IOException e) {
            return "ND4J, " + lanes.count() + " threads";
        }
    }

    @Override
    public Kernels kernels() {
        return kernels;
    }

    @Override
    public Memory allocate(Place place, long bytes) {
        return new NativeMemory(place, bytes, use(place), copies::drain);
    }

    private MemoryUse use(Place place) {
        return switch (place) {
            case DEVICE -> device;
            case HOST -> host;
        };
    }

    @Override
    public CopyStream openCopyStream() {
        return copies.open();
    }

    @Override
    public void synchronize() {}

    @Override
    public long peakBytes(Place place) {
        return use(place).peak();
    }

    @Override
    public long scratchBytes() {
        return scratch.peakBytes();
    }

    @Override
    public List<SelfTest> selfTest() {
        return List.of(product());
    }

    /** A product of small whole numbers, which float32 yields exactly. */
    private SelfTest product() {
        int n = 32;
        try (Memory onDevice = allocate(Place.DEVICE, 3L * n * n * 4);
                Memory onHost = allocate(Place.HOST, (long) n * n * 4)) {
            Tensor left = Tensor.contiguous(onDevice, 0, DataType.FLOAT32, n, n);
            Tensor right = Tensor.contiguous(onDevice, left.bytes(), DataType.FLOAT32, n, n);
            Tensor out = Tensor.contiguous(onDevice, 2 * left.bytes(), DataType.FLOAT32, n, n);
            Tensor read = Tensor.contiguous(onHost, 0, DataType.FLOAT32, n, n);
            kernels.fill(left, 2);
            kernels.fill(right, 3);
            kernels.matmul(MatrixProduct.of(left, right, out));
            kernels.copy(out, read);
            float result = read.hostBytes().getFloat(0);
            return new SelfTest("ND4J matrix product", result == 6f * n, result + " where " + 6f * n + " is right");
        }
    }

    @Override
    public void close() {
        copies.close();
        lanes.close();
        scratch.close();
    }
}
