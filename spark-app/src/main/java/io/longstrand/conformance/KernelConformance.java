package io.longstrand.conformance;

import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Tries every kernel of an open backend against the float64 reference, in float32 and bfloat16, on shapes with tails and
 * on some of training's size. Inputs come from a seed; what a kernel must write holds NaN before.
 */
public final class KernelConformance {
    /** What follows the first wrong results of a kernel says little more. */
    private static final int FAULTS_TOLD = 3;

    private final Sizes sizes;
    private final List<KernelCase> cases;

    /** For a device that nobody watches. */
    public KernelConformance() {
        this(Sizes.DEVICE, KernelCase.all());
    }

    /** Without shapes of training's size: a look that takes seconds. */
    public static KernelConformance brief() {
        return new KernelConformance(Sizes.BRIEF, KernelCase.all());
    }

    KernelConformance(Sizes sizes, List<KernelCase> cases) {
        this.sizes = sizes;
        this.cases = List.copyOf(cases);
    }

    /**
     * Tries all of them.
     *
     * @param tell hears of each kernel once it was tried
     * @return one verdict a kernel and type
     */
    public List<KernelVerdict> judge(Backend backend, Consumer<KernelVerdict> tell) {
        MeteredKernels metered = new MeteredKernels(backend);
        List<KernelVerdict> verdicts = new ArrayList<>();
        cases.stream()
                .collect(Collectors.groupingBy(KernelCase::kernel, LinkedHashMap::new, Collectors.toList()))
                .forEach((kernel, ofKernel) -> {
                    List<KernelVerdict> judged = judge(backend, metered, kernel, ofKernel);
                    judged.forEach(tell);
                    verdicts.addAll(judged);
                });
        return List.copyOf(verdicts);
    }

    private List<KernelVerdict> judge(
            Backend backend, MeteredKernels metered, String kernel, List<KernelCase> ofKernel) {
        List<Deviation> heard = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        Kernels kernels = metered.kernels();
        for (KernelCase trial : ofKernel) {
            try (Workbench bench =
                    new Workbench(backend, kernels, sizes, deviation -> heard.add(deviation.of(trial.requirement())))) {
                trial.trial().accept(bench);
            } catch (RuntimeException | LinkageError e) {
                broken.add(trial.requirement() + ": " + e);
            }
        }
        List<KernelVerdict> verdicts = new ArrayList<>();
        for (DataType type : List.of(DataType.FLOAT32, DataType.BFLOAT16)) {
            boolean rounded = type == DataType.BFLOAT16;
            List<Deviation> ofType =
                    heard.stream().filter(one -> one.rounded() == rounded).toList();
            List<String> faults = new ArrayList<>(rounded ? List.of() : broken);
            ofType.stream()
                    .map(Deviation::fault)
                    .flatMap(Optional::stream)
                    .limit(FAULTS_TOLD)
                    .forEach(faults::add);
            if (!ofType.isEmpty() || !faults.isEmpty()) {
                verdicts.add(KernelVerdict.of(kernel, type, ofType, metered.timing(kernel, type), faults));
            }
        }
        return verdicts;
    }
}
