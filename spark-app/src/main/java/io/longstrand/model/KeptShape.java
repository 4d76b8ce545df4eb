package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.DataType;

/**
 * Types and shapes of what a block may keep.
 *
 * @param shape of the model
 * @param type of activations
 * @param tokens of the batch
 */
record KeptShape(ModelShape shape, DataType type, long tokens) {
    DataType type(Kept name) {
        return name == Kept.LOG_SUM_EXP ? DataType.FLOAT32 : type;
    }

    long rows(Kept name) {
        return name == Kept.LOG_SUM_EXP ? shape.heads() : tokens;
    }

    long columns(Kept name) {
        return switch (name) {
            case INPUT, ATTENTION_OUT, MIDDLE -> shape.hidden();
            case QUERY_KEY_VALUE -> shape.queryKeyValueColumns();
            case LOG_SUM_EXP -> tokens;
            case MLP_GATE, MLP_UP -> shape.feedForward();
        };
    }

    long bytes(Kept name) {
        return rows(name) * columns(name) * type(name).bytes();
    }
}
