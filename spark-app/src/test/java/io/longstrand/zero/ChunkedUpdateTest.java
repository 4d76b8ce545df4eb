package io.longstrand.zero;

import static org.assertj.core.api.Assertions.assertThat;

import io.longstrand.model.ModelShape;
import io.longstrand.model.ParameterLayout;
import io.longstrand.optim.AdamW;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ChunkedUpdateTest {
    private static final ParameterLayout LAYOUT = new ParameterLayout(new ModelShape(
            2,
            24,
            2,
            2,
            40,
            11,
            16,
            ModelShape.Norm.LAYER,
            ModelShape.MlpActivation.GELU,
            ModelShape.PositionKind.LEARNED,
            10_000,
            true));

    private static final List<StateForm> FORMS = Stream.of(DataType.FLOAT32, DataType.BFLOAT16)
            .flatMap(type -> Stream.of(Place.values()).flatMap(parameters -> Stream.of(Place.values())
                    .map(optimizer -> new StateForm(type, 0, parameters, optimizer))))
            .toList();

    static Stream<Arguments> backendsAndForms() {
        return new Backends()
                .providers().stream()
                        .filter(provider -> provider.unavailable().isEmpty())
                        .map(BackendProvider::name)
                        .sorted()
                        .flatMap(backend -> FORMS.stream().map(form -> Arguments.of(backend, form)));
    }

    @ParameterizedTest
    @MethodSource("backendsAndForms")
    void places_and_chunks_change_no_bit(String backend, StateForm form) {
        float[][] expected = afterThreeSteps(backend, StateForm.resident(form.computeType()), LAYOUT.elements());
        long odd = 1000;
        assertThat(afterThreeSteps(backend, form, odd)).isEqualTo(expected);
    }

    /** Parameters, masters and both moments. */
    private static float[][] afterThreeSteps(String name, StateForm form, long chunk) {
        try (Backend backend = new Backends().open(name, new BackendProvider.Options(2));
                Arena device = new Arena(backend, Place.DEVICE, 4 << 20);
                Arena host = new Arena(backend, Place.HOST, 4 << 20)) {
            CopyStream copies = backend.openCopyStream();
            Arena ofOptimizer = form.optimizer() == Place.DEVICE ? device : host;
            Partition alone = Partition.alone(LAYOUT);
            Parameters parameters = new Parameters(device, host, copies, LAYOUT, form);
            StateVector followers = StateVector.whole(alone, parameters.flat());
            Tensor mastersFlat = form.computeType() == DataType.FLOAT32
                    ? parameters.flat()
                    : ofOptimizer.allocate("test", DataType.FLOAT32, 1, LAYOUT.elements());
            MasterWeights masters = new MasterWeights(
                    backend.kernels(),
                    mastersFlat == parameters.flat() ? followers : StateVector.whole(alone, mastersFlat),
                    followers);
            Tensor first = ofOptimizer.allocate("test", DataType.FLOAT32, 1, LAYOUT.elements());
            Tensor second = ofOptimizer.allocate("test", DataType.FLOAT32, 1, LAYOUT.elements());
            Moments moments = new Moments(StateVector.whole(alone, first), StateVector.whole(alone, second));
            Tensor gradients = device.allocate("test", DataType.FLOAT32, 1, LAYOUT.elements());
            Tensor staging = host.allocate("test", DataType.FLOAT32, 1, LAYOUT.elements());
            fill(backend, staging, mastersFlat, 1);
            fill(backend, staging, gradients, 2);
            masters.publish();
            ChunkedUpdate update =
                    new ChunkedUpdate(device, copies, masters, StateVector.whole(alone, gradients), moments, chunk);
            AdamW optimizer = new AdamW(
                    backend.kernels(), new AdamW.Settings(0.9, 0.98, 1e-8, 0.1), ModelState.decaySegments(LAYOUT));
            long before = device.used();
            for (long step = 1; step <= 3; step++) {
                update.run(optimizer, step, 0.01, 0.5);
            }
            assertThat(device.used()).isEqualTo(before);
            return new float[][] {
                read(backend, parameters.flat(), staging),
                read(backend, mastersFlat, staging),
                read(backend, first, staging),
                read(backend, second, staging)
            };
        }
    }

    private static void fill(Backend backend, Tensor staging, Tensor target, long seed) {
        Random random = new Random(seed);
        FloatBuffer values = staging.hostBytes().asFloatBuffer();
        while (values.hasRemaining()) {
            values.put((float) random.nextGaussian());
        }
        backend.kernels().copy(staging, target);
        backend.synchronize();
    }

    private static float[] read(Backend backend, Tensor tensor, Tensor staging) {
        backend.kernels().copy(tensor, staging);
        backend.synchronize();
        float[] values = new float[(int) tensor.columns()];
        staging.hostBytes().asFloatBuffer().get(values);
        return values;
    }
}
