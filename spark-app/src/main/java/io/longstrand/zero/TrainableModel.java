package io.longstrand.zero;

import io.longstrand.attention.AttentionForm;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.attention.Masking;
import io.longstrand.model.ActivationForm;
import io.longstrand.model.Batch;
import io.longstrand.model.Gpt;
import io.longstrand.model.Gradients;
import io.longstrand.model.LossSum;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ParameterLayout;
import io.longstrand.parallel.SingleDevice;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;

/**
 * A model with its state and its batch, as one rank trains it. Built the same way by training and by the plan's dry
 * run, so that the planned bytes are those that training takes.
 */
public final class TrainableModel implements AutoCloseable {
    private final Arena device;
    private final Arena host;
    private final ModelState state;
    private final AttentionMask mask;
    private final Batch batch;
    private final Gpt gpt;
    private final Gradients gradients;
    private final ActivationPasses passes;

    /**
     * Takes state and buffers from the arenas.
     *
     * @param masking which keys a query sees
     * @param attention how it is computed
     * @param microBatch sequences of a batch
     * @param length tokens of a sequence
     * @param form how the state is held; its compute type is that of activations too
     * @param activations what a pass keeps
     * @param place where it is kept
     */
    public TrainableModel(
            Backend backend,
            Arena device,
            Arena host,
            ModelShape shape,
            Masking masking,
            AttentionForm attention,
            int microBatch,
            int length,
            StateForm form,
            ActivationForm activations,
            ActivationPlace place) {
        this.device = device;
        this.host = host;
        ParameterLayout layout = new ParameterLayout(shape);
        state = new ModelState(backend, device, host, layout, form);
        mask = masking.take(backend, device, host, attention.tile(length), microBatch, length);
        batch = new Batch(backend, device, host, mask);
        AttentionShape heads = new AttentionShape(shape.heads(), shape.keyValueHeads(), shape.headSize());
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
        gradients = state.gradientsView();
        long keptBytes = activations.keptBytes(shape, form.computeType(), batch.tokenCount());
        passes = new ActivationPasses(backend, device, host, shape.layers(), keptBytes, place);
    }

    /** Parameters, gradients and moments. */
    public ModelState state() {
        return state;
    }

    /** Where sequences are put before a pass. */
    public Batch batch() {
        return batch;
    }

    /** The model, for passes without gradients. */
    public Gpt gpt() {
        return gpt;
    }

    /** Sends the batch, computes it forward and backward and adds its gradients to the state. */
    public LossSum accumulate() {
        batch.send();
        Arena.Mark mark = device.mark();
        Arena.Mark hostMark = host.mark();
        LossSum loss = gpt.train(batch, gradients, passes.next());
        host.release(hostMark);
        device.release(mark);
        return loss;
    }

    /** Gives back disk and files; memory belongs to the arenas. */
    @Override
    public void close() {
        mask.close();
        passes.close();
    }
}
