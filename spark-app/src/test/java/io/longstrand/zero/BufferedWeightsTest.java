package io.longstrand.zero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longstrand.model.ModelShape;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BufferedWeightsTest {
    private Backend backend;
    private Arena device;
    private Arena host;
    private ParameterLayout layout;
    private Tensor flat;
    private BufferedWeights weights;

    @BeforeEach
    void open() {
        backend = new Backends().open("auto", new BackendProvider.Options(1));
        device = new Arena(backend, Place.DEVICE, 1 << 20);
        host = new Arena(backend, Place.HOST, 2 << 20);
    }

    @AfterEach
    void close() {
        host.close();
        device.close();
        backend.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void every_unit_in_use_is_on_the_device_in_both_directions(int layers) {
        make(layers);
        for (int round = 0; round < 2; round++) {
            write(round);
            for (int unit = 0; unit <= layers; unit++) {
                weights.use(unit);
                check(unit, round);
                weights.release(unit);
            }
            int head = layers + 1;
            weights.use(head);
            weights.use(0); // a tied head's output matrix
            check(head, round);
            check(0, round);
            weights.release(0);
            weights.release(head);
            for (int unit = layers; unit > 0; unit--) {
                weights.use(unit);
                weights.use(unit); // uses nest
                weights.release(unit);
                check(unit, round);
                weights.release(unit);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 6})
    void two_units_are_on_the_device_however_many_layers_there_are(int layers) {
        make(layers);
        long block = layout.unitElements(1);
        assertThat(layout.unitElements(0)).isLessThan(block);
        long head = layout.unitElements(layers + 1);
        long expected = layers == 1 ? block + head : 2 * block;
        assertThat(device.used()).isEqualTo(expected * DataType.FLOAT32.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void a_unit_that_is_not_in_use_is_refused(int layers) {
        make(layers);
        weights.use(1);
        weights.release(1);
        Parameter parameter = parameterOf(1);

        assertThatThrownBy(() -> weights.of(parameter))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("unit 1 is not in use");
        assertThatThrownBy(() -> weights.release(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("unit 1 is not in use");
    }

    @ParameterizedTest
    @ValueSource(ints = {4})
    void a_third_unit_has_no_room(int layers) {
        make(layers);
        weights.use(1);

        assertThatThrownBy(() -> weights.use(3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("unit 3 is to go where unit 1 is in use");
    }

    private void make(int layers) {
        layout = new ParameterLayout(new ModelShape(
                layers,
                16,
                2,
                2,
                40,
                11,
                16,
                ModelShape.Norm.RMS,
                ModelShape.MlpActivation.GELU,
                ModelShape.PositionKind.ROTARY,
                10_000,
                true));
        flat = host.allocate("test", DataType.FLOAT32, 1, layout.elements());
        CopyStream copies = backend.openCopyStream();
        UnitSource source = (unit, room) -> copies.copy(
                flat.columns(layout.unitStart(unit), layout.unitStart(unit) + layout.unitElements(unit)), room);
        weights = new BufferedWeights(source, DataType.FLOAT32, layout, copies, device);
    }

    /** Element e of round r is e + r / 2. */
    private void write(int round) {
        weights.outdate();
        FloatBuffer values = flat.hostBytes().asFloatBuffer();
        for (int element = 0; element < layout.elements(); element++) {
            values.put(element + round / 2f);
        }
    }

    private void check(int unit, int round) {
        for (Parameter parameter : layout.parameters()) {
            if (parameter.unit() == unit) {
                Tensor there = weights.of(parameter);
                assertThat(there.place()).isEqualTo(Place.DEVICE);
                assertThat(there.rows()).isEqualTo(parameter.rows());
                Arena.Mark mark = host.mark();
                Tensor read = host.allocate("test", DataType.FLOAT32, parameter.rows(), parameter.columns());
                backend.kernels().copy(there, read);
                float[] values = new float[(int) parameter.elements()];
                read.hostBytes().asFloatBuffer().get(values);
                for (int i = 0; i < values.length; i++) {
                    assertThat(values[i]).isEqualTo(parameter.offset() + i + round / 2f);
                }
                host.release(mark);
            }
        }
    }

    private Parameter parameterOf(int unit) {
        return layout.parameters().stream()
                .filter(parameter -> parameter.unit() == unit)
                .findFirst()
                .orElseThrow();
    }
}
