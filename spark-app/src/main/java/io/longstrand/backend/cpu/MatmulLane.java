package io.longstrand.backend.cpu;

import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.global.dnnl;

/** What one lane needs to multiply without waiting for the others: a stream, and its own primitives by form. */
final class MatmulLane implements AutoCloseable {
    /** Primitives kept; generation makes a new form for every token, training a few dozen in all. */
    private static final int MOST_PRIMITIVES = 1024;

    /** A copy from one arrangement into a panel, or into adjacent rows. */
    private record PackingForm(MatrixForm from, boolean panel, long stride) {}

    private final int lane;
    private final OneDnn library;
    private final Scratch scratch;
    private final boolean computes;
    private final dnnl_engine engine;
    private final dnnl_stream stream = new dnnl_stream();
    private final NativeAddress address = new NativeAddress();
    private final Map<MatmulForm, MatmulPrimitive> primitives = new LinkedHashMap<>(64, 0.75f, true);
    private final Map<PackingForm, Packing> packings = new LinkedHashMap<>(64, 0.75f, true);
    private Thread held;
    private MatmulForm lastForm;
    private MatmulPrimitive last;

    /**
     * @param scratch for what oneDNN needs
     * @param computes whether anything is computed, or only the scratch taken
     */
    MatmulLane(int lane, OneDnn library, Scratch scratch, boolean computes) {
        this.computes = computes;
        this.lane = lane;
        this.library = library;
        this.scratch = scratch;
        this.engine = library.engine();
        OneDnn.check(dnnl.dnnl_stream_create(stream, engine, dnnl.dnnl_stream_default_flags), "stream");
    }

    /**
     * Computes a product on this lane.
     *
     * @param accumulate whether it is added to out, which here goes with bias and activation
     */
    void multiply(MatrixProduct product, boolean accumulate) {
        holdThreads();
        MatmulPrimitive primitive = primitive(MatmulForm.of(product, accumulate));
        long pad = pad(primitive.scratchpadBytes());
        if (computes) {
            primitive.execute(
                    stream,
                    address,
                    product.left().address(),
                    product.right().address(),
                    product.out().address(),
                    product.bias().map(Tensor::address).orElse(0L),
                    pad);
        }
    }

    /** Writes a right operand into a panel. @param transposed whether source is used transposed */
    void packRight(Tensor source, boolean transposed, Tensor panel) {
        pack(source, transposed, true, panel);
    }

    /** Writes the transpose of a left operand as plain rows. */
    void packLeft(Tensor source, Tensor rows) {
        pack(source, true, false, rows);
    }

    private void pack(Tensor source, boolean transposed, boolean panel, Tensor target) {
        holdThreads();
        PackingForm form = new PackingForm(MatrixForm.of(source, transposed), panel, target.rowStride());
        Packing packing = cached(packings, form, () -> packing(form));
        long pad = pad(packing.scratchpadBytes());
        if (computes) {
            packing.execute(stream, address, source.address(), target.address(), pad);
        }
    }

    private Packing packing(PackingForm form) {
        MatrixForm from = form.from();
        dnnl_memory_desc source = from.describe();
        dnnl_memory_desc target = form.panel()
                ? library.panel(from.type(), from.rows(), from.columns())
                : new MatrixForm(from.type(), from.rows(), from.columns(), form.stride(), false).describe();
        Packing packing = new Packing(engine, source, target);
        dnnl.dnnl_memory_desc_destroy(source);
        dnnl.dnnl_memory_desc_destroy(target);
        return packing;
    }

    private MatmulPrimitive primitive(MatmulForm form) {
        if (!form.equals(lastForm)) {
            last = cached(primitives, form, () -> product(form));
            lastForm = form;
        }
        return last;
    }

    private MatmulPrimitive product(MatmulForm form) {
        dnnl_memory_desc right = form.packedRight()
                ? library.panel(form.rightType(), form.k(), form.n())
                : new MatrixForm(form.rightType(), form.k(), form.n(), form.rightStride(), form.transposeRight())
                        .describe();
        MatmulPrimitive primitive = new MatmulPrimitive(engine, form, right);
        dnnl.dnnl_memory_desc_destroy(right);
        return primitive;
    }

    private static <F, P extends AutoCloseable> P cached(Map<F, P> kept, F form, Supplier<P> make) {
        P found = kept.get(form);
        if (found == null) {
            found = make.get();
            kept.put(form, found);
            if (kept.size() > MOST_PRIMITIVES) {
                close(kept.remove(kept.keySet().iterator().next()));
            }
        }
        return found;
    }

    private static void close(AutoCloseable primitive) {
        try {
            primitive.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void holdThreads() {
        if (held != Thread.currentThread()) {
            library.holdCallingThread();
            held = Thread.currentThread();
        }
    }

    private long pad(long bytes) {
        return bytes == 0 ? 0 : scratch.take(lane, bytes).address();
    }

    @Override
    public void close() {
        primitives.values().forEach(MatmulPrimitive::close);
        packings.values().forEach(Packing::close);
        dnnl.dnnl_stream_destroy(stream);
    }
}
