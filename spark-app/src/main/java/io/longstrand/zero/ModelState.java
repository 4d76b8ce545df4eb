package io.longstrand.zero;

import io.longstrand.model.Gradients;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.model.Weights;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.DecaySegment;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.CopyStream;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Place;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of a training run on one rank. FLOAT32: parameters, gradients and both moments, {@code 16Ψ} bytes; BFLOAT16:
 * parameters (2), and in FLOAT32 gradients (4), masters (4) and both moments (8), {@code 18Ψ} bytes; of what the {@link
 * StateForm}'s stage partitions a rank has its share alone. Accounted to {@code parameters}, {@code gradients} and {@code
 * optimizer state}, in the arenas the form says; gradients stay on the device.
 *
 * <p>Gradients are sums over the tokens of all ranks, whether these see different windows or parts of the same ones.
 * Methods that say so exchange something: all ranks call them in the same order.
 */
public final class ModelState {
    /** Elements moved at a time between host and device when a state is made. */
    private static final int CHUNK = 1 << 16;

    /** Elements updated at a time where some of them live on the host: 1 MiB of each part. */
    private static final long UPDATED_AT_A_TIME = 1 << 18;

    /** Chunks of a small state, at least, so that they are small beside it. */
    private static final long FEWEST_CHUNKS = 16;

    /** Chunks of a large state, at most: each copy then moves what a bus takes a while for. */
    private static final long MOST_CHUNKS = 1024;

    private final Backend backend;
    private final Kernels kernels;
    private final ParameterLayout layout;
    private final Partition partition;
    private final StateForm form;
    private final StateExchange exchange;
    private final Parameters parameters;
    private final StateVector held;
    private final MasterWeights masters;
    private final GradientStore gradients;
    private final Moments moments;
    private final ChunkedUpdate update;

    /**
     * Takes the state from the arenas; the content is undefined until {@link #initialize} or a load.
     *
     * @param partition how the ranks share it
     */
    public ModelState(
            Backend backend, Arena device, Arena host, ParameterLayout layout, Partition partition, StateForm form) {
        this.backend = backend;
        this.kernels = backend.kernels();
        this.layout = layout;
        this.partition = partition;
        this.form = form;
        // One stream for all of the state, so what is sent back is there before it is brought again.
        CopyStream copies = backend.openCopyStream();
        exchange = new StateExchange(copies, device, host, partition, form);
        boolean ownOnly = form.partitionsOptimizer();
        if (form.partitionsParameters()) {
            parameters = new Parameters(device, host, copies, exchange, partition, layout, form);
            held = StateVector.owned(partition, parameters.flat());
        } else {
            parameters = new Parameters(device, host, copies, layout, form);
            held = StateVector.whole(partition, parameters.flat());
        }
        gradients = form.partitionsGradients()
                ? new PartitionedGradients(kernels, device, copies, exchange, partition, layout)
                : new WholeGradients(kernels, device, copies, exchange, partition, ownOnly);
        Arena ofOptimizer = form.optimizer() == Place.DEVICE ? device : host;
        StateVector followers = ownOnly ? held.own() : held;
        masters = new MasterWeights(
                kernels,
                form.computeType() == DataType.FLOAT32
                        ? followers
                        : StateVector.take(ofOptimizer, Moments.OWNER, DataType.FLOAT32, partition, ownOnly),
                followers);
        moments = Moments.take(ofOptimizer, partition, ownOnly);
        long updated = ownOnly ? partition.ownElements() : partition.elements();
        long chunk = Math.max(Math.min(UPDATED_AT_A_TIME, part(updated, FEWEST_CHUNKS)), part(updated, MOST_CHUNKS));
        update = new ChunkedUpdate(device, copies, masters, gradients.sums(), moments, chunk);
    }

    private static long part(long elements, long count) {
        return (elements + count - 1) / count;
    }

    /** Where every parameter lies. */
    public ParameterLayout layout() {
        return layout;
    }

    /** What the optimiser updates and a checkpoint keeps. */
    public MasterWeights masters() {
        return masters;
    }

    /** Sums of gradients over all ranks once {@link #settleGradients} has returned, of what this rank updates. */
    public StateVector gradients() {
        return gradients.sums();
    }

    /** What the optimiser remembers. */
    public Moments moments() {
        return moments;
    }

    /** The parameters as the model uses them. */
    public Weights weightsView() {
        return parameters.weights();
    }

    /** The gradients as a backward pass adds to them. @param last whether it is the last one of the step */
    public Gradients gradientsView(boolean last) {
        return gradients.pass(last);
    }

    /** Fills the parameters with their initial values, and everything else, gaps included, with zero. Exchanges them. */
    public void initialize(RandomInitialization random, Arena host) {
        clear();
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate("staging", DataType.FLOAT32, 1, CHUNK);
        for (Stretch stretch : masters.values().stretches()) {
            for (Parameter parameter : layout.parameters()) {
                long from = Math.max(stretch.start(), parameter.offset());
                long to = Math.min(stretch.end(), parameter.offset() + parameter.elements());
                for (long at = from; at < to; at += CHUNK) {
                    Stretch part = stretch.within(at, Math.min(to, at + CHUNK));
                    Tensor chunk = staging.columns(0, part.values().columns());
                    random.fill(
                            parameter,
                            at - parameter.offset(),
                            chunk.hostBytes().asFloatBuffer());
                    kernels.copy(chunk, part.values());
                    backend.synchronize();
                }
            }
        }
        host.release(mark);
        publish();
    }

    /** Takes and gives back what initialisation and checkpoints move values through: for a plan. */
    public void rehearseTransfer(Arena host) {
        Arena.Mark mark = host.mark();
        host.allocate("staging", DataType.FLOAT32, 1, CHUNK);
        host.release(mark);
    }

    /** Sets everything to zero. */
    public void clear() {
        ZeroFill zero = new ZeroFill(kernels);
        parameters.outdate();
        zero.run(parameters.flat());
        for (StateVector vector : List.of(masters.values(), moments.first(), moments.second())) {
            vector.stretches().forEach(stretch -> zero.run(stretch.values()));
        }
        gradients.clear();
    }

    /** Makes the parameters of all ranks follow masters that were written. Exchanges them. */
    public void publish() {
        parameters.outdate();
        masters.publish();
        collect();
    }

    /** Forgets the gradients: the beginning of a step. */
    public void zeroGradients() {
        gradients.clear();
    }

    /** Ends the backward passes of a step: waits for the sums over all ranks. */
    public void settleGradients() {
        gradients.settle();
    }

    /** This rank's part of the sum of the squares of all gradients: those of its slices. */
    public double gradientSquares() {
        return gradients.sums().own().stretches().stream()
                .filter(stretch -> stretch.values().columns() > 0)
                .mapToDouble(stretch -> kernels.sumOfSquares(stretch.values()))
                .sum();
    }

    /** The optimiser of this state. */
    public AdamW optimizer(AdamW.Settings settings) {
        return new AdamW(kernels, settings, decaySegments(layout));
    }

    /** Updates the parameters of all ranks from the gradients; see {@link AdamW#update}. Exchanges them. */
    public void update(AdamW optimizer, long step, double learningRate, double gradientScale) {
        parameters.outdate();
        update.run(optimizer, step, learningRate, gradientScale);
        collect();
    }

    /** Where a rank holds all parameters and updates its own: starts to collect the others'. */
    private void collect() {
        if (form.partitionsOptimizer() && !form.partitionsParameters()) {
            StateVector own = held.own();
            for (Bucket bucket : partition.buckets()) {
                parameters.arriving(bucket.unit(), exchange.allGather(bucket, own.of(bucket), held.of(bucket)));
            }
        }
    }

    /** The flat space cut where decay begins or ends; a gap belongs to the parameter before it. */
    static List<DecaySegment> decaySegments(ParameterLayout layout) {
        List<DecaySegment> segments = new ArrayList<>();
        List<Parameter> parameters = layout.parameters();
        long start = 0;
        for (int i = 0; i < parameters.size(); i++) {
            boolean last = i + 1 == parameters.size();
            boolean decays = parameters.get(i).decays();
            if (last || parameters.get(i + 1).decays() != decays) {
                long end = last ? layout.elements() : parameters.get(i + 1).offset();
                segments.add(new DecaySegment(start, end, decays));
                start = end;
            }
        }
        return segments;
    }
}
