package io.longstrand.zero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.longstrand.mesh.Axis;
import io.longstrand.model.MatrixShare;
import io.longstrand.model.Parameter;
import io.longstrand.model.Span;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomInitializationTest {
    private static Parameter parameter(String name, Parameter.Initial initial) {
        return new Parameter(name, 0, 100, 1000, 0, true, initial);
    }

    private static float[] values(long seed, Parameter parameter, long first, int count) {
        FloatBuffer out = FloatBuffer.allocate(count);
        new RandomInitialization(seed).fill(parameter, first, out);
        return out.array();
    }

    @Test
    void any_range_gives_the_bits_of_the_whole() {
        Parameter parameter = parameter("a", new Parameter.Initial.Normal(0.02));
        float[] whole = values(1, parameter, 0, 1000);
        assertThat(values(1, parameter, 400, 101)).isEqualTo(Arrays.copyOfRange(whole, 400, 501));
        assertThat(values(1, parameter, 3, 4)).isEqualTo(Arrays.copyOfRange(whole, 3, 7));
    }

    @Test
    void a_share_has_the_values_of_its_elements_in_the_whole() {
        Parameter.Initial normal = new Parameter.Initial.Normal(0.02);
        float[] whole = values(1, new Parameter("a", 0, 4, 10, 0, true, normal), 0, 40);
        MatrixShare columns = new MatrixShare(4, 10, List.of(new Span(0, 4)), List.of(new Span(1, 4), new Span(7, 8)));
        Parameter share = new Parameter("a", 0, columns, Set.of(Axis.TENSOR), 0, true, normal);
        assertThat(values(1, share, 2, 8))
                .containsExactly(whole[3], whole[7], whole[11], whole[12], whole[13], whole[17], whole[21], whole[22]);
    }

    @Test
    void values_are_normal_with_the_deviation_asked_for() {
        float[] values = values(3, parameter("a", new Parameter.Initial.Normal(0.02)), 0, 100_000);
        double sum = 0;
        double squares = 0;
        int beyondTwo = 0;
        for (float value : values) {
            sum += value;
            squares += value * value;
            beyondTwo += Math.abs(value) > 0.04 ? 1 : 0;
        }
        assertThat(sum / values.length).isEqualTo(0, within(3e-4));
        assertThat(Math.sqrt(squares / values.length)).isEqualTo(0.02, within(2e-4));
        assertThat((double) beyondTwo / values.length).isEqualTo(0.0455, within(0.003));
    }

    @Test
    void seed_and_name_change_every_value() {
        Parameter a = parameter("a", new Parameter.Initial.Normal(1));
        Parameter b = parameter("b", new Parameter.Initial.Normal(1));
        assertThat(values(1, a, 0, 64)).doesNotContain(values(1, b, 0, 64));
        assertThat(values(1, a, 0, 64)).doesNotContain(values(2, a, 0, 64));
    }

    @Test
    void constants_are_constant() {
        assertThat(values(1, parameter("gain", new Parameter.Initial.Constant(1)), 0, 5))
                .containsOnly(1f);
    }
}
