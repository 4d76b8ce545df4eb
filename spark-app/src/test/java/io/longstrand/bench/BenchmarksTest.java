package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchmarksTest {
    @Test
    void names_are_unique_and_each_finds_its_benchmark() {
        Benchmarks benchmarks = new Benchmarks();
        assertThat(benchmarks.all())
                .extracting(Benchmark::name)
                .doesNotHaveDuplicates()
                .contains("peak");
        for (Benchmark benchmark : benchmarks.all()) {
            assertThat(benchmarks.named(benchmark.name())).isSameAs(benchmark);
        }
    }

    @Test
    void an_unknown_name_is_answered_with_those_there_are() {
        assertThatThrownBy(() -> new Benchmarks().named("peek"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("peek")
                .hasMessageContaining("peak");
    }

    @Test
    void other_libraries_are_left_out_where_this_one_alone_is_asked_for() {
        Benchmark kernels = new KernelBenchmark("cpu");
        List<String> only = List.of("kernels=fill", "precisions=fp32", "rows=64", "rounds=1", "contenders=longstrand");

        assertThat(kernels.run(new Selection(kernels, only), heard -> {}))
                .extracting(Row::figure)
                .contains("toLimit")
                .doesNotContain("ratioToLibtorch", "ratioToNd4j");
    }
}
