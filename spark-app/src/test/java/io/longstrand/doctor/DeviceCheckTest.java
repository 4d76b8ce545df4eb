package io.longstrand.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.conformance.KernelConformance;
import io.longstrand.conformance.KernelVerdict;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.DataType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is looked at, on backends that every build has. */
class DeviceCheckTest {
    private final List<String> lines = new ArrayList<>();

    @Test
    void a_backend_that_computes_right_is_healthy_and_everything_is_measured() {
        DeviceTable table = new DeviceTable(lines::add);
        DeviceReport report =
                new DeviceCheck("nd4j", new BackendProvider.Options(1), KernelConformance.brief()).run(table);
        table.end(report);

        assertThat(report.allFaults()).isEmpty();
        assertThat(report.healthy()).isTrue();
        assertThat(report.kernels()).hasSizeGreaterThan(35);
        assertThat(report.worst(DataType.FLOAT32)).isPresent();
        assertThat(report.rates())
                .extracting(Rate::what)
                .containsExactly(
                        "matmul fp32",
                        "matmul bf16",
                        "copy host to device",
                        "copy device to host",
                        "copy within device");
        assertThat(report.rates())
                .allSatisfy(rate -> assertThat(rate.perSecond()).isPositive());
        assertThat(report.steps()).extracting(StepVerdict::precision).containsExactly("fp32", "bf16");
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).startsWith("backend nd4j: ND4J"))
                .anySatisfy(line -> assertThat(line).contains("softmaxTileBackward", "fp32"))
                .anySatisfy(line -> assertThat(line).startsWith("training step bf16: loss"));
        assertThat(DeviceDocument.json(DeviceDocument.of(report)))
                .contains("\"healthy\" : true", "\"kernel\" : \"adamW\"", "\"copy host to device\"");
    }

    @Test
    void what_is_wrong_is_told_and_is_in_the_document_also_when_it_is_no_number() {
        KernelVerdict wrong = new KernelVerdict(
                "gelu", DataType.BFLOAT16, 4, Double.NaN, 3.5, "2 × 2", 1e-3, List.of("element (0, 0) is NaN"));
        StepVerdict step = new StepVerdict("fp32", 4.25, 1e-9, Double.NaN, "head.weight", 1e-5, 1e-4, 0.1);
        DeviceReport report = new DeviceReport(
                "torch", "a device", "", List.of(wrong), List.of(), List.of(step), List.of("self-test"), List.of(), 1);
        DeviceTable table = new DeviceTable(lines::add);
        table.tried(wrong);
        table.compared(step);
        table.end(report);

        assertThat(report.healthy()).isFalse();
        assertThat(lines)
                .contains(
                        "FAULT self-test",
                        "FAULT gelu: element (0, 0) is NaN",
                        "FAULT training step in fp32: gradient of head.weight deviates from the CPU's by NaN, allowed are"
                                + " 1.0E-4",
                        "Backend torch does not compute what it should here (FAULT above), seen in 1.0 s.")
                .anySatisfy(line -> assertThat(line).startsWith("gelu").endsWith("WRONG"));
        assertThat(DeviceDocument.json(DeviceDocument.of(report)))
                .contains("\"healthy\" : false", "\"gradientDeviation\" : null", "\"deviation\" : null");
    }
}
