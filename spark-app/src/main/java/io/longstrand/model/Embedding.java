package io.longstrand.model;

import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/**
 * Token ids -> the residual stream, with learned positions added where the model has them. Ranks that share the vocabulary
 * look up the tokens they have; what they find for all tokens together adds up to the stream.
 */
final class Embedding {
    private final Kernels kernels;
    private final Arena device;
    private final Weights weights;
    private final Layout layout;
    private final Parameter token; // (vocabulary of this rank, hidden)
    private final Optional<Parameter> position; // (positions of this rank, hidden)

    Embedding(ModelParts parts) {
        kernels = parts.kernels();
        device = parts.device();
        weights = parts.weights();
        layout = parts.layout();
        ParameterLayout parameters = parts.parameters();
        token = parameters.named("embedding.token.weight");
        position = parameters.has("embedding.position.weight")
                ? Optional.of(parameters.named("embedding.position.weight"))
                : Optional.empty();
    }

    /** Writes the stream. @param out (rows, hidden) */
    void forward(Batch batch, Tensor out) {
        Arena.Mark mark = device.mark();
        Tensor block = layout.blockRows(device, out);
        kernels.embedding(batch.tokens(), weights.of(token), block, false);
        layout.leave(block, out, batch.sequences());
        device.release(mark);
        position.ifPresent(table -> layout.addPositions(batch.positions(), weights.of(table), out));
    }

    /** Adds to the gradients of the tables. @param outGradient (rows, hidden) */
    void backward(Batch batch, Tensor outGradient, Gradients gradients) {
        Arena.Mark mark = device.mark();
        Tensor block = layout.blockRows(device, outGradient);
        Tensor entered = layout.enter(outGradient, block, batch.sequences());
        kernels.embeddingBackward(batch.tokens(), entered, gradients.of(token));
        device.release(mark);
        position.ifPresent(table -> layout.addPositionGradients(batch.positions(), outGradient, gradients.of(table)));
    }
}
