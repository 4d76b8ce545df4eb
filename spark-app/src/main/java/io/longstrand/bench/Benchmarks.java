package io.longstrand.bench;

import io.longstrand.bench.fault.FaultBenchmark;
import io.longstrand.config.UserError;
import java.util.List;

/** Every benchmark there is. */
public final class Benchmarks {
    private final List<Benchmark> benchmarks = List.of(
            new PeakBenchmark("cpu"),
            new KernelBenchmark("cpu"),
            new AttentionBenchmark("cpu"),
            new MaskBenchmark("cpu"),
            new StepBenchmark("cpu"),
            new MemoryBenchmark("cpu"),
            new ScalingBenchmark("cpu"),
            new PrepareBenchmark(),
            new PlanBenchmark(),
            new FaultBenchmark(),
            new Dl4jBenchmark());

    /** All of them, in the order they are listed. */
    public List<Benchmark> all() {
        return benchmarks;
    }

    /** The one of that name. @throws UserError naming those there are */
    public Benchmark named(String name) {
        return benchmarks.stream()
                .filter(benchmark -> benchmark.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new UserError("no benchmark is called '" + name + "'; there are "
                        + String.join(
                                ", ", benchmarks.stream().map(Benchmark::name).toList())));
    }
}
