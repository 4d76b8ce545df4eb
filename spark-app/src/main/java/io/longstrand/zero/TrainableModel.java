package io.longstrand.zero;

import io.longstrand.attention.Attention;
import io.longstrand.attention.AttentionMask;
import io.longstrand.attention.AttentionShape;
import io.longstrand.comm.RankSums;
import io.longstrand.comm.World;
import io.longstrand.mesh.Mesh;
import io.longstrand.mesh.Positions;
import io.longstrand.model.Batch;
import io.longstrand.model.Gpt;
import io.longstrand.model.LossSum;
import io.longstrand.model.ModelShape;
import io.longstrand.model.ModelShare;
import io.longstrand.model.ParameterLayout;
import io.longstrand.parallel.Placement;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;

/**
 * A model with its state and its batch, as one rank trains it. Built the same way by training and by the plan's dry
 * run, so that the planned bytes are those that training takes.
 */
public final class TrainableModel implements AutoCloseable {
    /** Numbers that ranks add up at a time, at most. */
    private static final int SUMS = 8;

    private final Arena device;
    private final Arena host;
    private final RankSums sums;
    private final ModelState state;
    private final AttentionMask mask;
    private final Batch batch;
    private final Gpt gpt;
    private final ActivationPasses passes;

    /**
     * Takes state and buffers from the arenas.
     *
     * @param world the ranks that train it together; outlives the model
     * @param mesh they are laid out over
     */
    public TrainableModel(Backend backend, Arena device, Arena host, World world, Mesh mesh, TrainableForm form) {
        this.device = device;
        this.host = host;
        ModelShape shape = form.shape();
        DataType type = form.state().computeType();
        Placement placement = new Placement(world, mesh);
        Positions part = placement.part(form.length());
        ModelShare share = placement.share(shape, form.length());
        ParameterLayout layout = new ParameterLayout(share);
        sums = new RankSums(world.all(), host, SUMS);
        Partition partition = Partition.over(layout, world, mesh);
        state = new ModelState(backend, device, host, layout, partition, form.state());
        mask = placement.mask(
                form.masking(), form.attention(), backend, device, host, form.microBatch(), form.length());
        batch = new Batch(backend, device, host, mask, part, share.vocabulary());
        AttentionShape heads = new AttentionShape(share.heads(), share.keyValueHeads(), shape.headSize());
        Attention attention = placement.attention(form.attention(), backend, device, host, heads, mask, type);
        gpt = new Gpt(
                share,
                layout,
                backend,
                device,
                host,
                state.weightsView(),
                placement.layout(backend, device, host, share, form.microBatch(), form.length(), type),
                attention,
                form.activations(),
                part,
                type);
        long keptBytes = form.activations().keptBytes(share, attention.roomColumns(), type, batch.tokenCount());
        passes = new ActivationPasses(backend, device, host, shape.layers(), keptBytes, form.place());
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

    /** Adds up numbers over all ranks. */
    public RankSums sums() {
        return sums;
    }

    /**
     * Sends the batch, computes it forward and backward and adds its gradients to the state.
     *
     * @param last whether it is the last micro-batch of a step
     * @return what this rank's tokens lost
     */
    public LossSum accumulate(boolean last) {
        batch.send();
        Arena.Mark mark = device.mark();
        Arena.Mark hostMark = host.mark();
        LossSum loss = gpt.train(batch, state.gradientsView(last), passes.next());
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
