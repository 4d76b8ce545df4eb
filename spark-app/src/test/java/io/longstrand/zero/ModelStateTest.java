package io.longstrand.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.optim.DecaySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

class ModelStateTest {
    @Test
    void matrices_and_embeddings_decay_and_norms_and_biases_do_not() {
        ParameterLayout layout = new ParameterLayout(new ModelShape(
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

        List<DecaySegment> segments = ModelState.decaySegments(layout);

        long end = 0;
        for (DecaySegment segment : segments) {
            assertThat(segment.start()).isEqualTo(end);
            end = segment.end();
        }
        assertThat(end).isEqualTo(layout.elements());
        for (Parameter parameter : layout.parameters()) {
            boolean vector = parameter.rows() == 1;
            assertThat(segments)
                    .filteredOn(segment -> segment.start() <= parameter.offset()
                            && parameter.offset() + parameter.elements() <= segment.end())
                    .as(parameter.name())
                    .singleElement()
                    .matches(segment -> segment.decays() != vector);
        }
    }
}
