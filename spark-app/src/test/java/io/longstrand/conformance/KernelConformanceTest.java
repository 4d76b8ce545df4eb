package io.longstrand.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.MatrixProduct;
import io.longstrand.tensor.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The suite itself: a kernel that errs is found, whichever it is. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KernelConformanceTest {
    private static final Sizes ONE = new Sizes(List.of(5), List.of(31), List.of());

    private Backend right;

    @BeforeAll
    void open() {
        right = new Backends().open("cpu", new BackendProvider.Options(1));
    }

    @AfterAll
    void close() {
        right.close();
    }

    /** The operations of the contract that compute something from tensors. */
    static Stream<String> kernels() {
        Set<String> computeNothing = Set.of("expectOnLanes");
        return Arrays.stream(Kernels.class.getMethods())
                .filter(method -> Stream.of(method.getParameterTypes())
                        .anyMatch(type -> type == Tensor.class || type == MatrixProduct.class))
                .map(Method::getName)
                .filter(Predicate.not(computeNothing::contains))
                .distinct()
                .sorted();
    }

    @Test
    void every_kernel_of_the_contract_is_tried() {
        Set<String> tried = KernelCase.all().stream().map(KernelCase::kernel).collect(Collectors.toSet());
        assertThat(tried).containsAll(kernels().toList()).contains("fusedAttention", "packRight");
    }

    @Test
    void a_backend_that_computes_right_has_no_fault_and_a_verdict_for_each_kernel_with_its_time() {
        List<KernelVerdict> verdicts = new KernelConformance(ONE, KernelCase.all()).judge(right, verdict -> {});
        assertThat(verdicts).allSatisfy(verdict -> {
            assertThat(verdict.faults()).as(verdict.kernel()).isEmpty();
            assertThat(verdict.comparisons()).isPositive();
            assertThat(verdict.ofAllowed()).isBetween(0.0, 1.0);
        });
        for (String kernel : kernels().toList()) {
            assertThat(verdicts).as(kernel).anySatisfy(verdict -> {
                assertThat(verdict.kernel()).isEqualTo(kernel);
                assertThat(verdict.type()).isEqualTo(DataType.FLOAT32);
                assertThat(verdict.seconds()).isPositive();
                assertThat(verdict.largest()).contains("×");
            });
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void a_kernel_that_leaves_its_output_as_it_was_is_found(String kernel) {
        Backend idle = with((method, call) ->
                method.getName().equals(kernel) ? method.getReturnType() == double.class ? 0.0 : null : call.make());
        assertThat(faults(idle, kernel)).isNotEmpty().allSatisfy(fault -> assertThat(fault)
                .contains(" instead of "));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void a_kernel_that_fails_is_named_and_the_others_are_still_tried(String kernel) {
        Backend failing = with((method, call) -> {
            if (method.getName().equals(kernel)) {
                throw new IllegalStateException("no kernel image is available");
            }
            return call.make();
        });
        assertThat(faults(failing, kernel)).isNotEmpty().allSatisfy(fault -> assertThat(fault)
                .endsWith("no kernel image is available"));
    }

    private static List<String> faults(Backend backend, String kernel) {
        List<KernelCase> ofKernel = KernelCase.all().stream()
                .filter(trial -> trial.kernel().equals(kernel))
                .toList();
        return new KernelConformance(ONE, ofKernel)
                .judge(backend, verdict -> {}).stream()
                        .flatMap(verdict -> verdict.faults().stream())
                        .toList();
    }

    /** The call as the right backend makes it. */
    private interface Call {
        Object make() throws Throwable;
    }

    /** What a wrong backend does instead. */
    private interface Instead {
        Object of(Method method, Call call) throws Throwable;
    }

    /** A backend whose kernels do something else. */
    private Backend with(Instead instead) {
        Kernels wrong = proxy(Kernels.class, right.kernels(), instead);
        return proxy(Backend.class, right, (method, call) -> method.getName().equals("kernels") ? wrong : call.make());
    }

    private static <T> T proxy(Class<T> type, T target, Instead instead) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> instead.of(method, () -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}
