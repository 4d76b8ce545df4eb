package io.longstrand.parallel;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.Masking;
import io.longstrand.comm.World;
import io.longstrand.mesh.Mesh;
import io.longstrand.mesh.Positions;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.Batch;
import io.longstrand.model.Gpt;
import io.longstrand.model.LossSum;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShare;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.model.RandomSequences;
import io.longstrand.model.ResidentActivations;
import io.longstrand.tensor.AdamWStep;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** One rank's tokens of a small model that all ranks have, and the means to read everything and to train it. */
final class SequenceModel implements AutoCloseable {
    private static final long BUDGET = 32L << 20;

    private final World world;
    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final ParameterLayout layout;
    private final Positions part;
    private final int length;
    private final Tensor weights;
    private final Tensor gradients;
    private final Tensor firstMoment;
    private final Tensor secondMoment;
    private final Tensor staging;
    private final Batch batch;
    private final Gpt gpt;

    SequenceModel(
            World world, Mesh mesh, ModelShape shape, Masking masking, RandomSequences data, ActivationForm form) {
        this.world = world;
        length = data.length();
        backend = new Backends().open("cpu", new BackendProvider.Options(1));
        device = new Arena(backend, Place.DEVICE, BUDGET);
        host = new Arena(backend, Place.HOST, BUDGET);
        Placement placement = new Placement(world, mesh);
        ModelShare share = placement.share(shape, length);
        layout = new ParameterLayout(share);
        weights = flat();
        gradients = flat();
        firstMoment = flat();
        secondMoment = flat();
        staging = host.allocate("test", DataType.FLOAT32, 1, layout.elements());
        draw();
        part = placement.part(length);
        AttentionMask mask =
                placement.mask(masking, AttentionForm.FLASH, backend, device, host, data.sequences(), length);
        batch = new Batch(backend, device, host, mask, part);
        put(data);
        AttentionShape heads = new AttentionShape(shape.heads(), shape.keyValueHeads(), shape.headSize());
        gpt = new Gpt(
                share,
                layout,
                backend,
                device,
                host,
                new FlatParameters(weights),
                new SingleDevice(backend.kernels()),
                placement.attention(AttentionForm.FLASH, backend, device, host, heads, mask, DataType.FLOAT32),
                form,
                part,
                DataType.FLOAT32);
    }

    private Tensor flat() {
        Tensor flat = device.allocate("test", DataType.FLOAT32, 1, layout.elements());
        backend.kernels().fill(flat, 0);
        return flat;
    }

    void put(RandomSequences data) {
        data.put(batch);
        batch.send();
    }

    /** Sums over this rank's tokens. */
    LossSum train() {
        backend.kernels().fill(gradients, 0);
        return gpt.train(batch, new FlatParameters(gradients), new ResidentActivations(device));
    }

    /** One optimiser step over all ranks' tokens. @return nats per token */
    double step(long number) {
        LossSum loss = train();
        Tensor sums = host.allocate("test", DataType.FLOAT32, 1, 2);
        FloatBuffer values = sums.hostBytes().asFloatBuffer();
        values.put(0, (float) loss.negativeLogLikelihood()).put(1, loss.validLabels());
        world.all().allReduce(sums);
        backend.kernels().copy(gradients, staging);
        backend.synchronize();
        world.all().allReduce(staging);
        backend.kernels().copy(staging, gradients);
        AdamWStep step = new AdamWStep(number, 0.01f, 0.9f, 0.98f, 1e-8f, 0.1f, 1 / values.get(1));
        backend.kernels().adamW(step, weights, gradients, firstMoment, secondMoment);
        backend.synchronize();
        return values.get(0) / values.get(1);
    }

    /** Writes this rank's losses to their places, [sequences][length]. */
    void losses(float[][] all) {
        for (int sequence = 0; sequence < all.length; sequence++) {
            float[] mine = batch.losses(sequence);
            for (int index = 0; index < mine.length; index++) {
                if (part.at(index) < length) {
                    all[sequence][part.at(index)] = mine[index];
                }
            }
        }
    }

    /** Writes this rank's logits to their places, [sequences · length]. */
    void logits(float[][] all) {
        float[][] mine = gpt.logits(batch, 0, batch.tokenCount());
        for (int row = 0; row < mine.length; row++) {
            int position = part.at(row % part.count());
            if (position < length) {
                all[row / part.count() * length + position] = mine[row];
            }
        }
    }

    /** Visible pairs, those of all ranks adding up. */
    long pairs() {
        return batch.pairs();
    }

    /** Sums of gradients over all ranks, by name and logical element. */
    Map<String, double[]> gradients() {
        backend.kernels().copy(gradients, staging);
        backend.synchronize();
        FloatBuffer values = staging.hostBytes().asFloatBuffer();
        Map<String, double[]> all = new LinkedHashMap<>();
        for (Parameter parameter : layout.parameters()) {
            Tensor logical = host.allocate("test", DataType.FLOAT32, 1, FlatParameters.logicalElements(parameter));
            FloatBuffer sums = logical.hostBytes().asFloatBuffer();
            sums.put(new float[(int) logical.columns()]).rewind();
            parameter.share().runs(0, parameter.elements(), (held, whole, count) -> {
                for (long i = 0; i < count; i++) {
                    sums.put((int) (whole + i), values.get((int) (parameter.offset() + held + i)));
                }
            });
            world.all().allReduce(logical);
            double[] gradient = new double[(int) logical.columns()];
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] = sums.get(i);
            }
            all.put(parameter.name(), gradient);
        }
        return all;
    }

    private void draw() {
        FloatBuffer values = staging.hostBytes().asFloatBuffer();
        values.put(new float[(int) layout.elements()]).rewind();
        FlatParameters.draw(layout, values);
        backend.kernels().copy(staging, weights);
        backend.synchronize();
    }

    @Override
    public void close() {
        host.close();
        device.close();
        backend.close();
    }
}
