package io.longstrand.backend.cpu;

import io.longstrand.config.EnvironmentError;
import io.longstrand.tensor.DataType;
import java.io.File;
import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.dnnl_primitive_desc;
import org.bytedeco.dnnl.dnnl_version_t;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.presets.openblas_nolapack;

/** The oneDNN library: its engine, what it found in this CPU, and the hold on its threads. */
final class OneDnn implements AutoCloseable {
    private static final String LIBRARY = "libdnnl.so.3";
    /** Rows of the product a panel is arranged for. */
    private static final long PANEL_USES = 512;

    private final dnnl_engine engine = new dnnl_engine();
    private final ThreadSetter threads;

    /**
     * Loads the library.
     *
     * @throws EnvironmentError when it cannot be loaded
     */
    OneDnn() {
        try {
            threads = new ThreadSetter(loadOpenMp());
            check(dnnl.dnnl_engine_create(engine, dnnl.dnnl_cpu, 0), "engine");
        } catch (LinkageError e) {
            throw new EnvironmentError("oneDNN cannot be loaded: " + e.getMessage());
        }
    }

    // oneDNN's own dependency is the OpenMP library to hold, so its symbols are made visible through oneDNN.
    private static Pointer loadOpenMp() {
        String binding = Loader.load(dnnl.class);
        File library = new File(new File(binding).getParentFile(), LIBRARY);
        if (library.exists()) {
            Loader.loadGlobal(library.getPath());
        }
        Pointer function = Loader.addressof("omp_set_num_threads");
        if (function == null || function.isNull()) {
            throw new EnvironmentError("oneDNN's OpenMP library has no omp_set_num_threads beside " + binding);
        }
        return function;
    }

    dnnl_engine engine() {
        return engine;
    }

    /** Holds OpenMP regions opened by the calling thread to that thread: OpenMP counts threads per thread. */
    void holdCallingThread() {
        threads.call(1);
    }

    static String version() {
        dnnl_version_t version = dnnl.dnnl_version();
        return version.major() + "." + version.minor() + "." + version.patch();
    }

    /** Whether there are products of bfloat16 operands at all, on whatever instructions. */
    static boolean hasBfloat16Products() {
        return packsOperands();
    }

    /** Whether oneDNN's float32 kernels here pack operands themselves; those of AVX2 do so only for large products. */
    static boolean packsOperands() {
        int isa = dnnl.dnnl_get_effective_cpu_isa();
        return (isa & dnnl.dnnl_cpu_isa_avx512_core) == dnnl.dnnl_cpu_isa_avx512_core;
    }

    /**
     * How the kernels want a right operand of products of many rows: in their own blocks where they have such, else in
     * plain rows. The caller destroys the description.
     */
    dnnl_memory_desc panel(DataType type, long rows, long columns) {
        dnnl_memory_desc left = new MatrixForm(type, PANEL_USES, rows, rows, false).describe();
        dnnl_memory_desc out = new MatrixForm(DataType.FLOAT32, PANEL_USES, columns, columns, false).describe();
        dnnl_memory_desc any = new dnnl_memory_desc();
        check(
                dnnl.dnnl_memory_desc_create_with_tag(
                        any, 2, new long[] {rows, columns}, MatrixForm.code(type), dnnl.dnnl_format_tag_any),
                "a panel of " + rows + " × " + columns);
        dnnl_primitive_desc product = new dnnl_primitive_desc();
        check(
                dnnl.dnnl_matmul_primitive_desc_create(product, engine, left, any, null, out, null),
                "a panel of " + rows + " × " + columns);
        dnnl_memory_desc panel = new dnnl_memory_desc();
        check(
                dnnl.dnnl_memory_desc_clone(
                        panel, dnnl.dnnl_primitive_desc_query_md(product, dnnl.dnnl_query_weights_md, 0)),
                "a panel of " + rows + " × " + columns);
        dnnl.dnnl_primitive_desc_destroy(product);
        dnnl.dnnl_memory_desc_destroy(left);
        dnnl.dnnl_memory_desc_destroy(any);
        dnnl.dnnl_memory_desc_destroy(out);
        return panel;
    }

    /** Turns a failure into an exception. */
    static void check(int status, String what) {
        if (status != dnnl.dnnl_success) {
            throw new IllegalStateException("oneDNN failed with status " + status + ": " + what);
        }
    }

    @Override
    public void close() {
        dnnl.dnnl_engine_destroy(engine);
    }

    /** Calls a C function {@code void f(int)} by its address. */
    private static final class ThreadSetter extends openblas_nolapack.SetNumThreads {
        private ThreadSetter(Pointer function) {
            put(function);
        }
    }
}
