package io.longstrand.parallel;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.MaskRule;
import io.longstrand.comm.Communicator;
import io.longstrand.mesh.Axis;
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
import io.longstrand.model.Span;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One rank's part of a small model whose parameters depend on their names alone, and the means to read everything. */
final class SplitModel implements AutoCloseable {
    private static final long BUDGET = 32L << 20;

    private final Backend backend;
    private final Arena device;
    private final Arena host;
    private final ModelShare share;
    private final ParameterLayout layout;
    private final Tensor gradients;
    private final Batch batch;
    private final Gpt gpt;

    /** @param ranks of the tensor axis */
    SplitModel(
            String backendName,
            ModelShape shape,
            MaskRule rule,
            RandomSequences data,
            ActivationForm form,
            DataType type,
            Communicator ranks) {
        backend = new Backends().open(backendName, new BackendProvider.Options(1));
        device = new Arena(backend, Place.DEVICE, BUDGET);
        host = new Arena(backend, Place.HOST, BUDGET);
        share = share(shape, data.length(), ranks);
        layout = new ParameterLayout(share);
        Tensor weights = device.allocate("weights", type, 1, layout.elements());
        gradients = device.allocate("gradients", DataType.FLOAT32, 1, layout.elements());
        backend.kernels().fill(gradients, 0);
        draw(weights);
        AttentionMask mask = rule.take(
                backend, device, host, AttentionForm.FLASH.tile(data.length()), data.sequences(), data.length());
        batch = new Batch(backend, device, host, mask, share.vocabulary());
        data.put(batch);
        batch.send();
        AttentionShape heads = new AttentionShape(share.heads(), share.keyValueHeads(), shape.headSize());
        gpt = new Gpt(
                share,
                layout,
                backend,
                device,
                host,
                new FlatParameters(weights),
                ranks.size() == 1
                        ? new SingleDevice(backend.kernels())
                        : new TensorLayout(backend, device, host, ranks, share, data.sequences(), data.length(), type),
                AttentionForm.FLASH.over(backend.kernels(), device, heads, mask, type),
                form,
                type);
    }

    private static ModelShare share(ModelShape shape, int length, Communicator ranks) {
        long part = length / ranks.size();
        List<Span> positions = List.of(new Span(ranks.rank() * part, (ranks.rank() + 1) * part));
        return ranks.size() == 1
                ? ModelShare.whole(shape)
                : new ModelShare(shape, ranks.rank(), ranks.size(), positions, Set.of(Axis.TENSOR));
    }

    LossSum train() {
        return gpt.train(batch, new FlatParameters(gradients), new ResidentActivations(device));
    }

    LossSum evaluate() {
        return gpt.evaluate(batch);
    }

    float[] losses(int sequence) {
        return batch.losses(sequence);
    }

    Span vocabulary() {
        return share.vocabulary();
    }

    /** [tokens][vocabulary of this rank]. */
    float[][] logits() {
        return gpt.logits(batch, 0, batch.tokenCount());
    }

    /** Bytes of the device at the moment most were in use, by owner. */
    Map<String, Long> deviceOwners() {
        return device.ownersAtPeak();
    }

    /** Gradients as far as they are here, by name and logical element; 0 elsewhere. */
    Map<String, double[]> gradients() {
        Tensor received = host.allocate("test", DataType.FLOAT32, 1, layout.elements());
        backend.kernels().copy(gradients, received);
        backend.synchronize();
        FloatBuffer values = received.hostBytes().asFloatBuffer();
        Map<String, double[]> all = new LinkedHashMap<>();
        for (Parameter parameter : layout.parameters()) {
            double[] logical = new double[FlatParameters.logicalElements(parameter)];
            parameter.share().runs(0, parameter.elements(), (held, whole, count) -> {
                for (long i = 0; i < count; i++) {
                    logical[(int) (whole + i)] = values.get((int) (parameter.offset() + held + i));
                }
            });
            all.put(parameter.name(), logical);
        }
        return all;
    }

    private void draw(Tensor weights) {
        Tensor staging = host.allocate("test", DataType.FLOAT32, 1, layout.elements());
        FloatBuffer values = staging.hostBytes().asFloatBuffer();
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
