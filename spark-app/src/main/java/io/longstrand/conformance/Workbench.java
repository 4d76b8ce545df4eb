package io.longstrand.conformance;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Memory;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * An open backend with the means to bring inputs onto its device and results back. Whatever a kernel must write holds
 * NaN before. Views are surrounded by margins; clearing checks that no kernel wrote there.
 */
public final class Workbench implements AutoCloseable {
    private static final int LEFT_MARGIN = 3;
    private static final int RIGHT_MARGIN = 5;
    private static final double MARGIN = -12288; // exact in bfloat16 too

    private final Backend backend;
    private final Kernels kernels;
    private final Sizes sizes;
    private final Consumer<Deviation> judge;
    private final Runnable atEnd;
    private final RandomMatrices random = new RandomMatrices(1);
    private final List<Memory> memories = new ArrayList<>();
    private final List<Tensor> margins = new ArrayList<>();

    /**
     * A workbench on a backend that stays open.
     *
     * @param kernels of the backend
     * @param sizes tried by {@link #eachShape}
     * @param judge hears of every comparison
     */
    Workbench(Backend backend, Kernels kernels, Sizes sizes, Consumer<Deviation> judge) {
        this(backend, kernels, sizes, judge, () -> {});
    }

    private Workbench(Backend backend, Kernels kernels, Sizes sizes, Consumer<Deviation> judge, Runnable atEnd) {
        this.backend = backend;
        this.kernels = kernels;
        this.sizes = sizes;
        this.judge = judge;
        this.atEnd = atEnd;
    }

    /** Opens a backend for as long as the workbench is; what is wrong is thrown as an {@link AssertionError}. */
    public static Workbench open(String backend) {
        return open(backend, 2);
    }

    /** The same on so many lanes. */
    public static Workbench open(String backend, int threads) {
        Backend opened = new Backends().open(backend, new BackendProvider.Options(threads));
        return new Workbench(opened, opened.kernels(), Sizes.TAILS, Deviation::requireRight, opened::close);
    }

    /** What it stands on. */
    public Backend backend() {
        return backend;
    }

    /** The kernels tried here. */
    public Kernels kernels() {
        return kernels;
    }

    /** Inputs. */
    RandomMatrices random() {
        return random;
    }

    /** Runs a trial in every shape, giving back the memory of each. */
    public void eachShape(Sizes.Trial trial) {
        sizes.each(trial, this::clear);
    }

    /** The large shapes tried here. */
    List<Sizes.Shape> large() {
        return sizes.large();
    }

    /** Lets the judge hear how far a result is from what it should be. */
    void check(Tolerance tolerance, String what, double[][] actual, double[][] expected) {
        judge.accept(tolerance.measure(what, actual, expected));
    }

    /** The same for one row. */
    void check(Tolerance tolerance, String what, double[] actual, double[] expected) {
        check(tolerance, what, new double[][] {actual}, new double[][] {expected});
    }

    /** The same for one number. */
    void check(Tolerance tolerance, String what, double actual, double expected) {
        check(tolerance, what, new double[] {actual}, new double[] {expected});
    }

    /** A FLOAT32 device tensor holding {@code values}. */
    public Tensor device(double[][] values) {
        return device(values, Placing.CONTIGUOUS);
    }

    /** A FLOAT32 device tensor holding {@code values}, lying as wanted. */
    public Tensor device(double[][] values, Placing placing) {
        return device(values, placing, DataType.FLOAT32);
    }

    /** A device tensor holding {@code values}, lying as wanted. */
    public Tensor device(double[][] values, Placing placing, DataType type) {
        int rows = values.length;
        int columns = values[0].length;
        if (placing == Placing.CONTIGUOUS) {
            Tensor tensor = allocate(Place.DEVICE, type, rows, columns);
            kernels().copy(host(values), tensor);
            return tensor;
        }
        double[][] wide = new double[rows][LEFT_MARGIN + columns + RIGHT_MARGIN];
        for (int row = 0; row < rows; row++) {
            Arrays.fill(wide[row], MARGIN);
            System.arraycopy(values[row], 0, wide[row], LEFT_MARGIN, columns);
        }
        Tensor whole = device(wide, Placing.CONTIGUOUS, type);
        margins.add(whole.columns(0, LEFT_MARGIN));
        margins.add(whole.columns(LEFT_MARGIN + columns, wide[0].length));
        return whole.columns(LEFT_MARGIN, LEFT_MARGIN + columns);
    }

    /** A device tensor holding {@code values}, stored as wanted. */
    public Tensor device(double[][] values, Stored stored) {
        return device(values, stored.placing(), stored.type());
    }

    /** A (1, n) device tensor, stored as wanted. */
    public Tensor row(double[] values, Stored stored) {
        return device(new double[][] {values}, stored);
    }

    /** A FLOAT32 (1, n) device tensor. */
    public Tensor row(double[] values, Placing placing) {
        return device(new double[][] {values}, placing);
    }

    /** A FLOAT32 (1, n) device tensor. */
    public Tensor row(double... values) {
        return row(values, Placing.CONTIGUOUS);
    }

    /** A FLOAT32 device tensor that must be overwritten: it holds NaN. */
    public Tensor undefined(int rows, int columns, Placing placing) {
        return undefined(rows, columns, new Stored(placing, DataType.FLOAT32));
    }

    /** A device tensor that must be overwritten: it holds NaN. */
    public Tensor undefined(int rows, int columns, Stored stored) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.fill(row, Double.NaN);
        }
        return device(values, stored);
    }

    /** An INT32 (1, n) device tensor; a view starts at an unaligned element of a longer one. */
    public Tensor integers(int[] values, Placing placing) {
        if (placing == Placing.CONTIGUOUS) {
            return integers(values);
        }
        int[] wide = new int[LEFT_MARGIN + values.length + RIGHT_MARGIN];
        System.arraycopy(values, 0, wide, LEFT_MARGIN, values.length);
        return integers(wide).columns(LEFT_MARGIN, LEFT_MARGIN + values.length);
    }

    /** An INT32 (1, n) device tensor. */
    public Tensor integers(int... values) {
        Tensor host = allocate(Place.HOST, DataType.INT32, 1, values.length);
        ByteBuffer bytes = host.hostBytes();
        for (int value : values) {
            bytes.putInt(value);
        }
        Tensor tensor = allocate(Place.DEVICE, DataType.INT32, 1, values.length);
        kernels().copy(host, tensor);
        return tensor;
    }

    /** A FLOAT32 host tensor holding {@code values}. */
    public Tensor host(double[][] values) {
        Tensor host = allocate(Place.HOST, DataType.FLOAT32, values.length, values[0].length);
        ByteBuffer bytes = host.hostBytes();
        for (double[] row : values) {
            for (double value : row) {
                bytes.putFloat((float) value);
            }
        }
        return host;
    }

    /** A tensor with memory of its own, all zero. */
    public Tensor allocate(Place place, DataType type, long rows, long columns) {
        Memory memory = backend.allocate(place, rows * columns * type.bytes());
        memories.add(memory);
        return Tensor.contiguous(memory, 0, type, rows, columns);
    }

    /** What a tensor holds, as (rows, columns). */
    public double[][] read(Tensor tensor) {
        int rows = Math.toIntExact(tensor.rows());
        int columns = Math.toIntExact(tensor.columns());
        double[][] values = new double[rows][columns];
        try (Memory memory = backend.allocate(Place.HOST, tensor.elements() * DataType.FLOAT32.bytes())) {
            Tensor host = Tensor.contiguous(memory, 0, DataType.FLOAT32, rows, columns);
            kernels().copy(tensor, host);
            backend.synchronize();
            ByteBuffer bytes = host.hostBytes();
            for (double[] row : values) {
                for (int column = 0; column < columns; column++) {
                    row[column] = bytes.getFloat();
                }
            }
        }
        return values;
    }

    /** What a (1, n) tensor holds. */
    public double[] readRow(Tensor tensor) {
        return read(tensor)[0];
    }

    /** Checks the margins of views and gives all memory back. */
    void clear() {
        try {
            for (Tensor margin : margins) {
                double[][] found = read(margin);
                check(Tolerance.EXACT, "elements beside a view", found, Matrices.map(found, any -> MARGIN));
            }
        } finally {
            margins.clear();
            memories.forEach(Memory::close);
            memories.clear();
        }
    }

    @Override
    public void close() {
        try {
            clear();
        } finally {
            atEnd.run();
        }
    }
}
