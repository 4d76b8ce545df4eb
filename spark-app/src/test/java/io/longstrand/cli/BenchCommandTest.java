package io.longstrand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.longstrand.bench.Benchmark;
import io.longstrand.bench.Benchmarks;
import java.io.IOException;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
    @Test
    void json_is_one_document_of_figures_and_nothing_else() throws IOException {
        CommandRun run = CommandRun.of(
                "bench",
                "memory",
                "modes=naive,none",
                "steps=plan",
                "layers=2",
                "hidden=64",
                "heads=2",
                "budget=16",
                "threads=1",
                "--json");

        assertThat(run.exitCode()).as(run.messages()).isZero();
        JsonNode document = new ObjectMapper().readTree(run.output());
        assertThat(document.fieldNames()).toIterable().containsExactly("bench", "machine", "date", "rows");
        assertThat(document.get("bench").textValue()).isEqualTo("memory");
        assertThat(LocalDate.parse(document.get("date").textValue())).isNotNull();
        assertThat(document.get("rows")).isNotEmpty().allSatisfy(row -> {
            assertThat(row.fieldNames())
                    .toIterable()
                    .containsExactly("case", "figure", "value", "unit", "bar", "holds");
            assertThat(row.get("case").textValue()).matches("([a-zA-Z]+=\\S+)( [a-zA-Z]+=\\S+)*");
            assertThat(row.get("bar").isNull()).isEqualTo(row.get("holds").isNull());
        });
        assertThat(document.get("rows")).anySatisfy(row -> {
            assertThat(row.get("case").textValue()).startsWith("mode=none ");
            assertThat(row.get("figure").textValue()).isEqualTo("lengthToNaive");
            assertThat(row.get("value").doubleValue()).isGreaterThan(1);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "step | case=bf16 | bench step takes no 'case'; it takes cases, lengths, contenders, rounds",
                "step | cases=bf61 | bench step: 'cases=bf61' must be among lengths, bf16, threads, recompute",
                "peak | precisions=fp64 | bench peak: 'precisions=fp64' must be among fp32, bf16",
                "attention | lengths=4k | bench attention: 'lengths=4k' must hold positive whole numbers, separated by"
                        + " commas",
                "kernels | rounds=3,5 | bench kernels: 'rounds=3,5' must be one number",
                "memory | steps=run,plan | bench memory: 'steps=run,plan' must be one of run, plan",
                "memory | modes=most | bench memory: 'modes=most' must be among naive, none, recompute, offload, all,"
                        + " libtorch",
            })
    void wrong_usage_is_answered_with_what_would_be_right(String name, String argument, String message) {
        CommandRun run = CommandRun.of("bench", name, argument);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(run.messages()).contains(message);
    }

    @Test
    void without_a_name_or_with_an_unknown_one_it_says_which_there_are() {
        String names = String.join(
                ", ", new Benchmarks().all().stream().map(Benchmark::name).toList());
        CommandRun none = CommandRun.of("bench");
        assertThat(none.exitCode()).isEqualTo(2);
        assertThat(none.messages()).contains("bench needs the name of a benchmark, one of " + names);
        CommandRun unknown = CommandRun.of("bench", "peek");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.messages()).contains("no benchmark is called 'peek'; there are " + names);
    }

    @Test
    void a_budget_that_holds_no_step_is_answered_with_what_one_needs() {
        CommandRun run = CommandRun.of("bench", "memory", "modes=none", "steps=plan", "budget=1");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.messages()).contains("budget=1 MiB holds no step of mode=none; 16 tokens need ");
    }

    @Test
    void help_says_what_every_benchmark_takes() {
        CommandRun run = CommandRun.of("bench", "--help");
        assertThat(run.exitCode()).isZero();
        assertThat(run.output()).contains("bench peak: matrix products", "bench memory: ", "lengths=… ", "budget=… ");
    }
}
