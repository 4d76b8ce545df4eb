package io.longstrand.zero;

import io.longstrand.model.Gradients;
import io.longstrand.model.Parameter;
import io.longstrand.model.ParameterLayout;
import io.longstrand.model.Weights;
import io.longstrand.optim.AdamW;
import io.longstrand.optim.DecaySegment;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The whole state of a training run on one rank, FLOAT32: parameters, gradients and both moments, {@code 16Ψ} bytes of
 * the device arena, accounted to {@code parameters}, {@code gradients} and {@code optimizer state}.
 */
public final class ModelState {
    /** Elements moved at a time between host and device. */
    private static final int CHUNK = 1 << 16;

    private final Backend backend;
    private final Kernels kernels;
    private final ParameterLayout layout;
    private final Tensor parameters;
    private final Tensor gradients;
    private final Tensor firstMoment;
    private final Tensor secondMoment;

    /** Takes the state from the device arena; the content is undefined until {@link #initialize} or a load. */
    public ModelState(Backend backend, Arena device, ParameterLayout layout) {
        this.backend = backend;
        this.kernels = backend.kernels();
        this.layout = layout;
        parameters = device.allocate("parameters", DataType.FLOAT32, 1, layout.elements());
        gradients = device.allocate("gradients", DataType.FLOAT32, 1, layout.elements());
        firstMoment = device.allocate("optimizer state", DataType.FLOAT32, 1, layout.elements());
        secondMoment = device.allocate("optimizer state", DataType.FLOAT32, 1, layout.elements());
    }

    /** Where every parameter lies. */
    public ParameterLayout layout() {
        return layout;
    }

    /** All parameters, (1, elements). */
    public Tensor parameters() {
        return parameters;
    }

    /** Sums of gradients, (1, elements). */
    public Tensor gradients() {
        return gradients;
    }

    /** First moments, (1, elements). */
    public Tensor firstMoment() {
        return firstMoment;
    }

    /** Second moments, (1, elements). */
    public Tensor secondMoment() {
        return secondMoment;
    }

    /** The parameters as the model uses them. */
    public Weights weightsView() {
        return new FlatWeights(parameters);
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
                kernels.copy(chunk, parameters.columns(at, at + count));
                backend.synchronize();
            }
        }
        host.release(mark);
    }

    /** Takes and gives back what initialisation and checkpoints move values through: for a plan. */
    public void rehearseTransfer(Arena host) {
        Arena.Mark mark = host.mark();
        host.allocate("staging", DataType.FLOAT32, 1, CHUNK);
        host.release(mark);
    }

    /** Sets everything to zero. */
    public void clear() {
        kernels.fill(parameters, 0);
        kernels.fill(gradients, 0);
        kernels.fill(firstMoment, 0);
        kernels.fill(secondMoment, 0);
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
        optimizer.update(step, learningRate, gradientScale, parameters, gradients, firstMoment, secondMoment);
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
