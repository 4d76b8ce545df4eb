package io.longstrand.conformance;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Something a kernel must do.
 *
 * @param kernel the operation of {@link io.longstrand.tensor.Kernels}
 * @param requirement what must hold
 * @param trial tries it on a workbench, in all its sizes
 */
public record KernelCase(String kernel, String requirement, Consumer<Workbench> trial) {
    /** Every case of every kernel. */
    public static List<KernelCase> all() {
        return Stream.of(
                        MatrixProductCases.all(),
                        CopyCases.all(),
                        RowwiseCases.all(),
                        NormCases.all(),
                        TokenCases.all(),
                        CrossEntropyCases.all(),
                        AttentionCases.all(),
                        FusedAttentionCases.all(),
                        OptimizerCases.all())
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public String toString() {
        return kernel + " " + requirement;
    }
}
