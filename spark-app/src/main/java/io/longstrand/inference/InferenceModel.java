package io.longstrand.inference;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.checkpoint.Checkpoint;
import io.longstrand.checkpoint.StateTensors;
import io.longstrand.config.RunConfiguration;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.Batch;
import io.longstrand.model.ConfiguredModel;
import io.longstrand.model.Gpt;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ParameterLayout;
import io.longstrand.parallel.SingleDevice;
import io.longstrand.plan.MemoryPlan;
import io.longstrand.plan.MemoryPlanner;
import io.longstrand.plan.Workload;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.Place;
import io.longstrand.zero.Parameters;
import io.longstrand.zero.StateForm;
import java.io.IOException;

/** A trained model without gradients and moments, ready for forward passes; its memory is planned by a rehearsal. */
public final class InferenceModel implements AutoCloseable {
    private final Arena device;
    private final Arena host;
    private final Parts parts;

    private record Parts(ParameterLayout layout, Parameters parameters, AttentionMask mask, Batch batch, Gpt gpt) {}

    private InferenceModel(Arena device, Arena host, Parts parts) {
        this.device = device;
        this.host = host;
        this.parts = parts;
    }

    /**
     * Opens a model with the parameters of a checkpoint.
     *
     * @param configuration of the run that trained it
     * @param vocabulary token ids of the tokeniser
     * @param sequences of the batches it will compute
     * @param backend outlives the model
     * @throws io.longstrand.config.UserError when the checkpoint does not hold this model
     */
    public static InferenceModel open(
            RunConfiguration configuration, int vocabulary, int sequences, Checkpoint checkpoint, Backend backend)
            throws IOException {
        int length = configuration.data().sequenceLength();
        ModelShape shape = new ConfiguredModel(configuration).shape(vocabulary, length);
        StateForm form = StateForm.configured(configuration);
        MemoryPlanner planner = new MemoryPlanner(
                (workload, planning, device, host) ->
                        rehearse(take(configuration, shape, form, workload, planning, device, host), host),
                backend);
        Workload workload = new Workload(sequences, length);
        MemoryPlan plan = planner.plan(workload);
        Arena device = new Arena(backend, Place.DEVICE, plan.deviceArenaBytes());
        Arena host = new Arena(backend, Place.HOST, plan.hostBytes());
        try {
            Parts parts = take(configuration, shape, form, workload, backend, device, host);
            checkpoint.load(
                    new StateTensors(parts.layout())
                            .parameters(parts.parameters().flat()),
                    backend,
                    host);
            return new InferenceModel(device, host, parts);
        } catch (IOException | RuntimeException e) {
            host.close();
            device.close();
            throw e;
        }
    }

    /** The model. */
    public Gpt gpt() {
        return parts.gpt();
    }

    /** Where its sequences are put. */
    public Batch batch() {
        return parts.batch();
    }

    @Override
    public void close() {
        parts.mask().close();
        host.close();
        device.close();
    }

    private static Parts take(
            RunConfiguration configuration,
            ModelShape shape,
            StateForm form,
            Workload workload,
            Backend backend,
            Arena device,
            Arena host) {
        ParameterLayout layout = new ParameterLayout(shape);
        Parameters parameters = new Parameters(device, host, backend.openCopyStream(), layout, form);
        ConfiguredModel model = new ConfiguredModel(configuration);
        AttentionForm attention = model.attention();
        AttentionMask mask = model.masking()
                .take(
                        backend,
                        device,
                        host,
                        attention.tile(workload.sequenceLength()),
                        workload.microBatch(),
                        workload.sequenceLength());
        Batch batch = new Batch(backend, device, host, mask);
        AttentionShape heads = new AttentionShape(shape.heads(), shape.keyValueHeads(), shape.headSize());
        Gpt gpt = new Gpt(
                shape,
                layout,
                backend,
                device,
                host,
                parameters.weights(),
                new SingleDevice(backend.kernels()),
                attention.over(backend.kernels(), device, heads, mask, form.computeType()),
                ActivationForm.configured(configuration),
                form.computeType());
        return new Parts(layout, parameters, mask, batch, gpt);
    }

    private static void rehearse(Parts parts, Arena host) {
        Checkpoint.rehearseLoad(host);
        parts.gpt().evaluate(parts.batch());
        parts.gpt().logits(parts.batch(), 0, 1);
    }
}
