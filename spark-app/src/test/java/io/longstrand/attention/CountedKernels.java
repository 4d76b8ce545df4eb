package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/** Kernels that count what they are asked for and run the tasks of lanes, over kernels that may compute nothing. */
final class CountedKernels {
    private final Kernels inner;
    private final LongUnaryOperator firstTask;
    private final Map<String, Long> calls = new TreeMap<>();
    private double productFlops;
    private long lastCopied;

    /** Runs every task. */
    CountedKernels(Kernels inner) {
        this(inner, tasks -> 0);
    }

    private CountedKernels(Kernels inner, LongUnaryOperator firstTask) {
        this.inner = inner;
        this.firstTask = firstTask;
    }

    /** Runs the last task of each call alone. */
    static CountedKernels ofLastTasks(Kernels inner) {
        return new CountedKernels(inner, tasks -> tasks - 1);
    }

    /** To be used by one thread. */
    Kernels kernels() {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(), new Class<?>[] {Kernels.class}, (proxy, method, arguments) -> {
                    calls.merge(method.getName(), 1L, Long::sum);
                    if (method.getName().equals("parallel")) {
                        parallel((long) arguments[0], (Kernels.LaneTask) arguments[1]);
                        return null;
                    }
                    return call(method, arguments);
                });
    }

    private void parallel(long tasks, Kernels.LaneTask task) {
        for (long number = firstTask.applyAsLong(tasks); number < tasks; number++) {
            task.run(number, 0);
        }
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("matmul")) {
            MatrixProduct product = (MatrixProduct) arguments[0];
            productFlops += 2.0 * product.m() * product.n() * product.k();
        } else if (method.getName().equals("copy")) {
            Tensor to = (Tensor) arguments[1];
            long last = (to.rows() - 1) * to.rowStride() + to.columns() - 1;
            lastCopied = Math.max(lastCopied, to.offset() / to.type().bytes() + last);
        }
        try {
            return method.invoke(inner, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** How often a kernel was called. */
    long calls(String kernel) {
        return calls.getOrDefault(kernel, 0L);
    }

    /** Operations of all products. */
    double productFlops() {
        return productFlops;
    }

    /** The element furthest from the start of its memory that anything was copied to. */
    long lastCopied() {
        return lastCopied;
    }
}
