package io.longstrand.bench;

import io.longstrand.bench.peer.Libtorch;
import io.longstrand.bench.peer.LibtorchProducts;
import io.longstrand.bench.peer.MatrixLibrary;
import io.longstrand.bench.peer.OpenBlas;
import io.longstrand.plan.PeakProbe;
import io.longstrand.plan.ProductShape;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The peak every share refers to: the best sustained rate of matrix products here and now, over the shapes of {@link
 * ProductShape#all} and the libraries of this machine (oneDNN through the backend measured, OpenBLAS, and libtorch where
 * it was built in), in one precision and on so many threads. Benchmarks measure it in the same rounds as what they
 * divide by it.
 */
final class MatrixPeak implements AutoCloseable {
    /**
     * What one library reached with one shape.
     *
     * @param library its name
     * @param flopsPerSecond sustained
     */
    record Rate(String library, ProductShape shape, double flopsPerSecond) {}

    private final Backend backend;
    private final String precision;
    private final int threads;
    private final List<MatrixLibrary> others = new ArrayList<>();

    /** @param precision {@code fp32} or {@code bf16} */
    MatrixPeak(String backendName, String precision, int threads) {
        this.precision = precision;
        this.threads = threads;
        others.add(new OpenBlas());
        if (new Libtorch().unavailable().isEmpty()) {
            others.add(new LibtorchProducts());
        }
        others.removeIf(library -> !library.multiplies(precision));
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
    }

    /** Measures every library with every shape, in some seconds. */
    List<Rate> measure() {
        DataType type = precision.equals("bf16") ? DataType.BFLOAT16 : DataType.FLOAT32;
        PeakProbe probe = new PeakProbe();
        List<Rate> rates = new ArrayList<>();
        for (ProductShape shape : ProductShape.all()) {
            rates.add(new Rate(ownLibrary(), shape, probe.flopsPerSecond(backend, type, shape)));
            for (MatrixLibrary other : others) {
                rates.add(new Rate(other.name(), shape, other.flopsPerSecond(shape, precision, threads)));
            }
        }
        return rates;
    }

    /** The library the backend multiplies with. */
    private String ownLibrary() {
        return backend.name().equals("cpu") ? "oneDNN" : backend.name();
    }

    /** The peak, in FLOP/s. */
    double flopsPerSecond() {
        return best(measure()).flopsPerSecond();
    }

    /** The fastest. */
    static Rate best(List<Rate> rates) {
        return rates.stream()
                .max(Comparator.comparingDouble(Rate::flopsPerSecond))
                .orElseThrow();
    }

    @Override
    public void close() {
        backend.close();
    }
}
