package io.longstrand.model;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;
import java.util.Optional;

/** Token ids -> the residual stream, with learned positions added where the model has them. */
final class Embedding {
    private final Kernels kernels;
    private final Weights weights;
    private final Layout layout;
    private final Parameter token; // (vocabulary, hidden)
    private final Optional<Parameter> position; // (positions, hidden)

    Embedding(Kernels kernels, Weights weights, Layout layout, ParameterLayout parameters) {
        this.kernels = kernels;
        this.weights = weights;
        this.layout = layout;
        token = parameters.named("embedding.token.weight");
        position = parameters.has("embedding.position.weight")
                ? Optional.of(parameters.named("embedding.position.weight"))
                : Optional.empty();
    }

    /** Writes the stream. @param out (tokens, hidden) */
    void forward(Batch batch, Tensor out) {
        kernels.embedding(batch.tokens(), weights.of(token), out, false);
        position.ifPresent(table -> layout.addPositions(batch.positions(), weights.of(table), out));
    }

    /** Adds to the gradients of the tables. @param outGradient (tokens, hidden) */
    void backward(Batch batch, Tensor outGradient, Gradients gradients) {
        kernels.embeddingBackward(batch.tokens(), outGradient, gradients.of(token));
        position.ifPresent(table -> layout.addPositionGradients(batch.positions(), outGradient, gradients.of(table)));
    }
}
