package io.longstrand.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.bench.fault.FaultBenchmark;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real trainings, driver and executors in processes of their own, that come to harm. */
class FaultsIT {
    /** Connections are cut by a test that needs no rights for it. */
    private static final String FAULTS = "faults=kills,kill,freeze,intruders,build";

    @Test
    void every_fault_ends_in_one_clear_error_and_costs_no_more_than_the_steps_since_the_last_checkpoint() {
        FaultBenchmark benchmark = new FaultBenchmark();

        List<Row> rows = benchmark.run(new Selection(benchmark, List.of(FAULTS, "kills=3")), System.err::println);

        assertThat(rows)
                .extracting(Row::setting)
                .containsExactly(
                        "fault=kill",
                        "fault=freeze",
                        "fault=kill retries=3 n=1",
                        "fault=kill retries=3 n=2",
                        "fault=kill retries=3 n=3",
                        "fault=garbage",
                        "fault=oversized",
                        "fault=reflected",
                        "fault=replayed",
                        "fault=silent",
                        "fault=build");
        assertThat(rows)
                .allSatisfy(row -> assertThat(row.holds()).as(row.toString()).isTrue());
    }
}
