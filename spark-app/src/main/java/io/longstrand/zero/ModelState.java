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
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole state of a training run on one rank. FLOAT32: parameters, gradients and both moments, {@code 16Ψ} bytes.
 * BFLOAT16: parameters (2), and in FLOAT32 gradients (4), masters (4) and both moments (8), {@code 18Ψ} bytes. Accounted
 * to {@code parameters}, {@code gradients} and {@code optimizer state}, in the arenas the {@link StateForm} says;
 * gradients stay on the device.
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
    private final Parameters parameters;
    private final MasterWeights masters;
    private final Tensor gradients;
    private final Moments moments;
    private final ChunkedUpdate update;

    /** Takes the state from the arenas; the content is undefined until {@link #initialize} or a load. */
    public ModelState(Backend backend, Arena device, Arena host, ParameterLayout layout, StateForm form) {
        this.backend = backend;
        this.kernels = backend.kernels();
        this.layout = layout;
        // One stream for all of the state, so what is sent back is there before it is brought again.
        CopyStream copies = backend.openCopyStream();
        parameters = new Parameters(device, host, copies, layout, form);
        gradients = device.allocate("gradients", DataType.FLOAT32, 1, layout.elements());
        Arena ofOptimizer = form.optimizer() == Place.DEVICE ? device : host;
        masters = new MasterWeights(kernels, ofOptimizer, parameters);
        moments = Moments.take(ofOptimizer, layout.elements());
        long chunk = Math.max(Math.min(UPDATED_AT_A_TIME, part(FEWEST_CHUNKS)), part(MOST_CHUNKS));
        update = new ChunkedUpdate(device, copies, masters, gradients, moments, chunk);
    }

    private long part(long count) {
        return (layout.elements() + count - 1) / count;
    }

    /** Where every parameter lies. */
    public ParameterLayout layout() {
        return layout;
    }

    /** The parameters as the model computes with them. */
    public Parameters parameters() {
        return parameters;
    }

    /** What the optimiser updates and a checkpoint keeps. */
    public MasterWeights masters() {
        return masters;
    }

    /** Sums of gradients, (1, elements). */
    public Tensor gradients() {
        return gradients;
    }

    /** What the optimiser remembers. */
    public Moments moments() {
        return moments;
    }

    /** The parameters as the model uses them. */
    public Weights weightsView() {
        return parameters.weights();
    }

    /** The gradients as the model adds to them. */
    public Gradients gradientsView() {
        return new FlatGradients(gradients);
    }

    /** Fills the parameters with their initial values, and everything else, gaps included, with zero. */
    public void initialize(RandomInitialization random, Arena host) {
        clear();
        Arena.Mark mark = host.mark();
        Tensor staging = host.allocate("staging", DataType.FLOAT32, 1, CHUNK);
        for (Parameter parameter : layout.parameters()) {
            for (long first = 0; first < parameter.elements(); first += CHUNK) {
                long count = Math.min(CHUNK, parameter.elements() - first);
                Tensor chunk = staging.columns(0, count);
                FloatBuffer values = chunk.hostBytes().asFloatBuffer();
                random.fill(parameter, first, values);
                long at = parameter.offset() + first;
                kernels.copy(chunk, masters.flat().columns(at, at + count));
                backend.synchronize();
            }
        }
        host.release(mark);
        masters.publish();
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
        zero.run(masters.flat());
        zero.run(gradients);
        zero.run(moments.first());
        zero.run(moments.second());
        masters.publish();
    }

    /** Forgets the gradients: the beginning of a step. */
    public void zeroGradients() {
        kernels.fill(gradients, 0);
    }

    /** Sum of the squares of all gradients. */
    public double gradientSquares() {
        return kernels.sumOfSquares(gradients);
    }

    /** The optimiser of this state. */
    public AdamW optimizer(AdamW.Settings settings) {
        return new AdamW(kernels, settings, decaySegments(layout));
    }

    /** Updates the parameters from the gradients; see {@link AdamW#update}. */
    public void update(AdamW optimizer, long step, double learningRate, double gradientScale) {
        parameters.outdate();
        update.run(optimizer, step, learningRate, gradientScale);
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
