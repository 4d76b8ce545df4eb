package io.longstrand.conformance;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.FusedAttention;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The kernels of a backend with a clock around every call: how long the fastest on the largest tensors took. */
final class MeteredKernels {
    /** One kernel in one type. */
    private record Key(String kernel, DataType type) {}

    /**
     * The fastest call on the largest tensors.
     *
     * @param largest tensor, rows × columns
     * @param seconds until the device was done
     */
    record Timing(String largest, long elements, double seconds) {
        /** Of two calls the one on the larger tensors, else the faster. */
        static Timing better(Timing one, Timing other) {
            if (one.elements() != other.elements()) {
                return one.elements() > other.elements() ? one : other;
            }
            return one.seconds() <= other.seconds() ? one : other;
        }
    }

    private final Backend backend;
    private final Map<Key, Timing> timings = new HashMap<>();

    MeteredKernels(Backend backend) {
        this.backend = backend;
    }

    /** The kernels to call. */
    Kernels kernels() {
        return (Kernels) Proxy.newProxyInstance(
                Kernels.class.getClassLoader(),
                new Class<?>[] {Kernels.class},
                (proxy, method, arguments) -> call(method, arguments == null ? new Object[0] : arguments));
    }

    /** What was measured; empty for what was never called with a tensor. */
    Optional<Timing> timing(String kernel, DataType type) {
        return Optional.ofNullable(timings.get(new Key(kernel, type)));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        Tensor[] tensors = tensors(arguments).toArray(Tensor[]::new);
        if (tensors.length == 0) {
            Object result = invoke(method, arguments);
            return result instanceof Optional<?> optional
                            && optional.isPresent()
                            && optional.get() instanceof FusedAttention fused
                    ? Optional.of(new Metered(fused))
                    : result;
        }
        backend.synchronize();
        long start = System.nanoTime();
        Object result = invoke(method, arguments);
        note(method.getName(), start, tensors);
        return result;
    }

    /** Takes the time since a call began, once the device is done. */
    private void note(String kernel, long start, Tensor... tensors) {
        backend.synchronize();
        double seconds = (System.nanoTime() - start) * 1e-9;
        Tensor largest = Arrays.stream(tensors)
                .max((one, other) -> Long.compare(one.elements(), other.elements()))
                .orElseThrow();
        boolean narrow = Arrays.stream(tensors).anyMatch(tensor -> tensor.type() == DataType.BFLOAT16);
        timings.merge(
                new Key(kernel, narrow ? DataType.BFLOAT16 : DataType.FLOAT32),
                new Timing(largest.rows() + " × " + largest.columns(), largest.elements(), seconds),
                Timing::better);
    }

    /** Attention in one operation; its forward pass is timed. */
    private final class Metered implements FusedAttention {
        private final FusedAttention fused;

        Metered(FusedAttention fused) {
            this.fused = fused;
        }

        @Override
        public boolean supports(DataType type, int headSize) {
            return fused.supports(type, headSize);
        }

        @Override
        public void forward(Sequence sequence) {
            backend.synchronize();
            long start = System.nanoTime();
            fused.forward(sequence);
            note("fusedAttention", start, sequence.query(), sequence.key());
        }

        @Override
        public void backward(Sequence sequence, Gradients gradients) {
            fused.backward(sequence, gradients);
        }
    }

    private Object invoke(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(backend.kernels(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Stream<Tensor> tensors(Object[] arguments) {
        return Arrays.stream(arguments).flatMap(argument -> {
            if (argument instanceof Tensor tensor) {
                return Stream.of(tensor);
            }
            return argument instanceof MatrixProduct product
                    ? Stream.of(product.left(), product.right(), product.out())
                    : Stream.empty();
        });
    }
}
