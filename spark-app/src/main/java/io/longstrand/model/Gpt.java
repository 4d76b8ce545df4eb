package io.longstrand.model;

import io.longstrand.attention.Attention;
import io.longstrand.mesh.Positions;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A decoder-only GPT with explicit forward and backward passes: embedding, pre-norm blocks, final norm, output. Every
 * pass takes its memory from the device arena on top of what is there and gives all of it back.
 */
public final class Gpt {
    private final ModelShare share;
    private final ModelShape shape;
    private final Layout layout;
    private final Backend backend;
    private final Kernels kernels;
    private final Arena device;
    private final Arena host;
    private final Weights weights;
    private final DataType type;
    private final long operandColumns;
    private final Embedding embedding;
    private final List<Block> blocks = new ArrayList<>();
    private final Head head;

    /** Builds a model that this rank has as a whole. */
    public Gpt(
            ModelShape shape,
            ParameterLayout parameters,
            Backend backend,
            Arena device,
            Arena host,
            Weights weights,
            Layout layout,
            Attention attention,
            ActivationForm form,
            DataType type) {
        this(ModelShare.whole(shape), parameters, backend, device, host, weights, layout, attention, form, type);
    }

    /** Builds a model whose blocks see whole sequences. */
    public Gpt(
            ModelShare share,
            ParameterLayout parameters,
            Backend backend,
            Arena device,
            Arena host,
            Weights weights,
            Layout layout,
            Attention attention,
            ActivationForm form,
            DataType type) {
        this(
                share,
                parameters,
                backend,
                device,
                host,
                weights,
                layout,
                attention,
                form,
                Positions.whole(Math.toIntExact(share.shape().positions())),
                type);
    }

    /**
     * Builds the layers, and the rotary tables on the device.
     *
     * @param share what this rank has of the model
     * @param parameters its layout
     * @param backend what computes
     * @param device arena of every pass
     * @param host arena of the buffers through which the host sees results
     * @param weights the parameters
     * @param layout how the model is laid over the ranks
     * @param attention of a shape that fits this rank's heads
     * @param form how much of itself a pass holds
     * @param positions of each sequence that blocks see here
     * @param type of activations and products; the weights have the same
     */
    public Gpt(
            ModelShare share,
            ParameterLayout parameters,
            Backend backend,
            Arena device,
            Arena host,
            Weights weights,
            Layout layout,
            Attention attention,
            ActivationForm form,
            Positions positions,
            DataType type) {
        this.share = share;
        this.shape = share.shape();
        this.layout = layout;
        this.backend = backend;
        this.kernels = backend.kernels();
        this.device = device;
        this.host = host;
        this.weights = weights;
        this.type = type;
        operandColumns = attention.roomColumns();
        Optional<RotaryTable> rotary = shape.position() == ModelShape.PositionKind.ROTARY
                ? Optional.of(new RotaryTable(backend, device, host, positions, shape.headSize(), shape.rotaryBase()))
                : Optional.empty();
        ModelParts parts = new ModelParts(share, parameters, kernels, device, weights, layout, attention, form, rotary);
        embedding = new Embedding(parts);
        for (int layer = 0; layer < shape.layers(); layer++) {
            blocks.add(new Block(parts, layer));
        }
        head = new Head(parts);
    }

    /** The model's shape. */
    public ModelShape shape() {
        return shape;
    }

    /**
     * Forward and backward over one micro-batch. Gradients of the sum over labelled tokens of weight × loss are added
     * to {@code gradients}.
     *
     * @param batch sent to the device
     * @param gradients added to
     * @param activations where blocks keep what their backward pass needs
     */
    public LossSum train(Batch batch, Gradients gradients, Activations activations) {
        Arena.Mark mark = device.mark();
        long rows = share.streamRows(batch.tokenCount());
        Tensor stream = activations.keep(0, Activations.Kept.INPUT, type, rows, shape.hidden());
        embed(batch, stream);
        int last = shape.layers() - 1;
        for (int layer = 0; layer < last; layer++) {
            BlockTensors kept = blocks.get(layer).keep(activations, stream);
            stream = activations.keep(layer + 1, Activations.Kept.INPUT, type, rows, shape.hidden());
            run(layer, kept, batch, stream);
            activations.written();
        }
        BlockTensors kept = blocks.get(last).keep(activations, stream);
        Tensor gradient = device.allocate("activations", type, rows, shape.hidden());
        run(last, kept, batch, gradient); // the stream behind the last block, for now
        activations.written();
        useHead();
        head.lossesAndGradients(batch, gradient, gradients);
        releaseHead();
        gradients.ready(headUnit());
        for (int layer = last; layer >= 0; layer--) {
            weights.use(layer + 1);
            blocks.get(layer).backward(activations, batch, gradient, gradients);
            activations.done(layer);
            weights.release(layer + 1);
            gradients.ready(layer + 1);
        }
        embedding.backward(batch, gradient, gradients);
        gradients.ready(0);
        device.release(mark);
        return batch.lossSum();
    }

    /** Losses alone; those of each token are then in the batch. @param batch sent to the device */
    public LossSum evaluate(Batch batch) {
        Arena.Mark mark = device.mark();
        Tensor stream = forwardOnly(batch);
        useHead();
        head.losses(batch, stream);
        releaseHead();
        device.release(mark);
        return batch.lossSum();
    }

    /**
     * Logits of some rows of a batch, for generation: the whole batch is computed. Where ranks share the vocabulary all of
     * them ask for the same rows.
     *
     * @param batch sent to the device
     * @param from first row, counted over the batch: {@code sequence · length + position}
     * @param to one past the last row
     * @return [to − from][vocabulary of this rank]
     */
    public float[][] logits(Batch batch, long from, long to) {
        Arena.Mark mark = device.mark();
        Arena.Mark hostMark = host.mark();
        Tensor stream = forwardOnly(batch);
        Tensor rows = layout.enter(stream, layout.blockRows(device, stream), batch.sequences());
        int vocabulary = Math.toIntExact(share.vocabulary().count());
        Tensor logits = device.allocate("logits", type, to - from, vocabulary);
        Tensor received = host.allocate("logits", DataType.FLOAT32, to - from, vocabulary);
        useHead();
        head.logits(rows.rows(from, to), logits);
        releaseHead();
        kernels.copy(logits, received);
        backend.synchronize();
        float[][] values = new float[Math.toIntExact(to - from)][vocabulary];
        for (int row = 0; row < values.length; row++) {
            received.rows(row, row + 1L).hostBytes().asFloatBuffer().get(values[row]);
        }
        host.release(hostMark);
        device.release(mark);
        return values;
    }

    /** The stream behind the last block, (rows, hidden), keeping nothing: blocks use the same memory in turn. */
    private Tensor forwardOnly(Batch batch) {
        long rows = share.streamRows(batch.tokenCount());
        Tensor stream = device.allocate("activations", type, rows, shape.hidden());
        Tensor other = device.allocate("activations", type, rows, shape.hidden());
        embed(batch, stream);
        for (int layer = 0; layer < shape.layers(); layer++) {
            run(layer, new BlockTensors(share, operandColumns, stream), batch, other);
            Tensor behind = other;
            other = stream;
            stream = behind;
        }
        return stream;
    }

    private void embed(Batch batch, Tensor out) {
        weights.use(0);
        embedding.forward(batch, out);
        weights.release(0);
    }

    private void run(int layer, BlockTensors tensors, Batch batch, Tensor out) {
        weights.use(layer + 1);
        blocks.get(layer).forward(tensors, batch, out);
        weights.release(layer + 1);
    }

    private int headUnit() {
        return shape.layers() + 1;
    }

    /** Uses may nest, so a tied output simply uses the embedding's unit as well. */
    private void useHead() {
        weights.use(headUnit());
        weights.use(head.outputUnit());
    }

    private void releaseHead() {
        weights.release(head.outputUnit());
        weights.release(headUnit());
    }
}
