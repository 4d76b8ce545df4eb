package io.longstrand.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.DecaySegment;
import io.longstrand.plan.PlanningBackend;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelStateTest {
    private static final ParameterLayout LAYOUT = new ParameterLayout(new ModelShape(
            2,
            8,
            2,
            2,
            24,
            11,
            16,
            ModelShape.Norm.LAYER,
            ModelShape.MlpActivation.GELU,
            ModelShape.PositionKind.LEARNED,
            10_000,
            false));

    @Test
    void matrices_and_embeddings_decay_and_norms_and_biases_do_not() {
        List<DecaySegment> segments = ModelState.decaySegments(LAYOUT);

        long end = 0;
        for (DecaySegment segment : segments) {
            assertThat(segment.start()).isEqualTo(end);
            end = segment.end();
        }
        assertThat(end).isEqualTo(LAYOUT.elements());
        for (Parameter parameter : LAYOUT.parameters()) {
            boolean vector = parameter.rows() == 1;
            assertThat(segments)
                    .filteredOn(segment -> segment.start() <= parameter.offset()
                            && parameter.offset() + parameter.elements() <= segment.end())
                    .as(parameter.name())
                    .singleElement()
                    .matches(segment -> segment.decays() != vector);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // Bytes an element: parameters, gradients and optimiser state on the device, parameters and optimiser state on
        // the host.
        "FLOAT32, DEVICE, DEVICE, 4, 4, 8, 0, 0",
        "FLOAT32, DEVICE, HOST, 4, 4, 0, 0, 8",
        "FLOAT32, HOST, DEVICE, 0, 4, 8, 4, 0",
        "FLOAT32, HOST, HOST, 0, 4, 0, 4, 8",
        "BFLOAT16, DEVICE, DEVICE, 2, 4, 12, 0, 0",
        "BFLOAT16, DEVICE, HOST, 2, 4, 0, 0, 12",
        "BFLOAT16, HOST, DEVICE, 0, 4, 12, 2, 0",
        "BFLOAT16, HOST, HOST, 0, 4, 0, 2, 12"
    })
    void fp32_takes_16_bytes_a_parameter_and_bf16_18_wherever_they_are(
            DataType type,
            Place parameters,
            Place optimizer,
            long deviceParameters,
            long gradients,
            long deviceOptimizer,
            long hostParameters,
            long hostOptimizer) {
        try (PlanningBackend backend = new PlanningBackend(1);
                Arena device = new Arena(backend, Place.DEVICE, 1 << 20);
                Arena host = new Arena(backend, Place.HOST, 1 << 20)) {
            ModelState state = new ModelState(
                    backend,
                    device,
                    host,
                    LAYOUT,
                    Partition.alone(LAYOUT),
                    new StateForm(type, 0, parameters, optimizer));
            state.update(state.optimizer(new AdamW.Settings(0.9, 0.99, 1e-8, 0)), 1, 0, 1);

            assertThat(perElement(device, "parameters")).isEqualTo(deviceParameters);
            assertThat(perElement(device, "gradients")).isEqualTo(gradients);
            assertThat(perElement(device, "optimizer state")).isEqualTo(deviceOptimizer);
            assertThat(perElement(host, "parameters")).isEqualTo(hostParameters);
            assertThat(perElement(host, "optimizer state")).isEqualTo(hostOptimizer);
            assertThat(device.ownersAtPeak().containsKey("parameter buffers")).isEqualTo(parameters == Place.HOST);
        }
    }

    private static long perElement(Arena arena, String owner) {
        return arena.ownersAtPeak().getOrDefault(owner, 0L) / LAYOUT.elements();
    }
}
