package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.config.UserError;
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
}
