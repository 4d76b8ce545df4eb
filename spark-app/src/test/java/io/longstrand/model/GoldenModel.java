package io.longstrand.model;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.Masking;
import io.longstrand.attention.TileSize;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.GradientClipping;
import io.longstrand.parallel.SingleDevice;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import io.longstrand.zero.ModelState;
import io.longstrand.zero.Partition;
import io.longstrand.zero.StateForm;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** A small GPT on one backend, its parameters drawn at random, and the means to read everything back. */
final class GoldenModel implements AutoCloseable {
    private static final long BUDGET = 64L << 20;

    private final ParameterLayout layout;
    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final ModelState state;
    private final Gpt gpt;
    private final Batch batch;
    private final Map<String, double[]> initial;

    GoldenModel(
            String backendName, int threads, ModelShape shape, Masking masking, RandomSequences data, StateForm form) {
        this(backendName, threads, shape, masking, data, form, ActivationForm.resident(), AttentionForm.FLASH);
    }

    GoldenModel(
            String backendName,
            int threads,
            ModelShape shape,
            Masking masking,
            RandomSequences data,
            StateForm form,
            ActivationForm activations) {
        this(backendName, threads, shape, masking, data, form, activations, AttentionForm.FLASH);
    }

    GoldenModel(
            String backendName,
            int threads,
            ModelShape shape,
            Masking masking,
            RandomSequences data,
            StateForm form,
            ActivationForm activations,
            AttentionForm attention) {
        layout = new ParameterLayout(shape);
        backend = new Backends().open(backendName, new BackendProvider.Options(threads));
        device = new Arena(backend, Place.DEVICE, BUDGET);
        host = new Arena(backend, Place.HOST, BUDGET);
        state = new ModelState(backend, device, host, layout, Partition.alone(layout), form);
        state.clear();
        AttentionShape heads = new AttentionShape(shape.heads(), shape.keyValueHeads(), shape.headSize());
        TileSize tile = attention == AttentionForm.FLASH ? new TileSize(32, 64) : attention.tile(data.length());
        AttentionMask mask = masking.take(backend, device, host, tile, data.sequences(), data.length());
        gpt = new Gpt(
                shape,
                layout,
                backend,
                device,
                host,
                state.weightsView(),
                new SingleDevice(backend.kernels()),
                attention.over(backend.kernels(), device, heads, mask, form.computeType()),
                activations,
                form.computeType());
        batch = new Batch(backend, device, host, mask);
        data.put(batch);
        batch.send();
        initial = draw();
        initial.forEach(this::write);
        state.publish();
    }

    /** The parameters the model started with; every master is a FLOAT32 number. */
    Map<String, double[]> initialParameters() {
        return initial;
    }

    Gpt gpt() {
        return gpt;
    }

    Batch batch() {
        return batch;
    }

    /** Forward and backward; gradients are added to. */
    LossSum train() {
        return gpt.train(batch, state.gradientsView(true), new ResidentActivations(device));
    }

    /** One step of the optimiser over this batch. */
    LossSum step(long step, double learningRate, AdamW.Settings settings, GradientClipping clipping) {
        state.zeroGradients();
        LossSum loss = train();
        state.settleGradients();
        double norm = Math.sqrt(state.gradientSquares()) / loss.validLabels();
        double scale = clipping.factor(norm) / loss.validLabels();
        state.update(state.optimizer(settings), step, learningRate, scale);
        return loss;
    }

    double[] gradient(String name) {
        return read(state.gradients().of(layout.named(name)));
    }

    /** Bytes of device memory at the moment most were in use. */
    Map<String, Long> deviceOwners() {
        return device.ownersAtPeak();
    }

    /** Bytes of device memory in use between passes. */
    long deviceBytes() {
        return device.used();
    }

    private Map<String, double[]> draw() {
        Random random = new Random(42);
        Map<String, double[]> parameters = new LinkedHashMap<>();
        for (Parameter parameter : layout.parameters()) {
            double[] values = new double[(int) parameter.elements()];
            double middle = parameter.name().endsWith(".gain") ? 1 : 0;
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (middle + 0.2 * random.nextGaussian());
            }
            parameters.put(parameter.name(), values);
        }
        return parameters;
    }

    private void write(String name, double[] values) {
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate("test", DataType.FLOAT32, 1, values.length);
        FloatBuffer buffer = staging.hostBytes().asFloatBuffer();
        for (double value : values) {
            buffer.put((float) value);
        }
        backend.kernels().copy(staging, state.masters().values().of(layout.named(name)));
        backend.synchronize();
        host.release(mark);
    }

    private double[] read(Tensor tensor) {
        Arena.Mark mark = host.mark();
        Tensor received = host.allocate("test", DataType.FLOAT32, 1, tensor.elements());
        backend.kernels().copy(tensor, received);
        backend.synchronize();
        FloatBuffer buffer = received.hostBytes().asFloatBuffer();
        double[] values = new double[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = buffer.get(i);
        }
        host.release(mark);
        return values;
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
