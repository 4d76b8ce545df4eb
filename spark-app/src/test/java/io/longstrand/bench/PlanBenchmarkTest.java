package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlanBenchmarkTest {
    private final PlanBenchmark benchmark = new PlanBenchmark();

    @Test
    void eighteen_published_lengths_have_a_prediction_and_each_larger_deviation_is_explained() {
        List<String> heard = new ArrayList<>();
        List<Row> rows = benchmark.run(
                selection("systems=megatron-deepspeed-2022,megatron-lm,megatron-deepspeed-2023"), heard::add);

        List<Row> held = rows.stream()
                .filter(row -> row.figure().equals("toPublished")
                        && row.holds() != null
                        && !row.setting().contains("offload"))
                .toList();
        assertThat(held).hasSize(18);
        assertThat(held.stream().filter(row -> !row.holds()).map(Row::setting))
                .hasSameSizeAs(heard)
                .allSatisfy(setting -> assertThat(heard).anyMatch(line -> line.startsWith(setting)));
        assertThat(rows).anyMatch(row -> row.setting().contains("offload=optimizer"));
    }

    @Test
    void longstrand_holds_more_of_the_same_model_on_as_many_gpus_than_was_published() {
        List<Row> rows = benchmark.run(
                selection("systems=longstrand", "models=25B", "gpus=128", "levers=recompute"), line -> {});

        assertThat(rows)
                .filteredOn(row -> row.figure().equals("longestSequence"))
                .singleElement()
                .satisfies(row -> assertThat(row.holds()).isTrue());
    }

    private Selection selection(String... arguments) {
        return new Selection(benchmark, List.of(arguments));
    }
}
