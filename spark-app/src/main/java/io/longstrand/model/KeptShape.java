package io.longstrand.model;

import io.longstrand.model.Activations.Kept;
import io.longstrand.tensor.DataType;

/**
 * Types and shapes of what a block may keep: of the stream this rank's rows, of the products the rows of all ranks that
 * share them and this rank's columns.
 *
 * @param share what this rank has of the model
 * @param operandColumns of the room for queries, keys and values of a token
 * @param type of activations
 * @param streamRows rows of the stream that this rank has
 */
record KeptShape(ModelShare share, long operandColumns, DataType type, long streamRows) {
    DataType type(Kept name) {
        return name == Kept.LOG_SUM_EXP ? DataType.FLOAT32 : type;
    }

    long rows(Kept name) {
        return switch (name) {
            case INPUT, MIDDLE -> streamRows;
            case QUERY_KEY_VALUE, ATTENTION_OUT, MLP_GATE, MLP_UP -> blockRows();
            case LOG_SUM_EXP -> share.heads();
        };
    }

    long columns(Kept name) {
        return switch (name) {
            case INPUT, MIDDLE -> share.shape().hidden();
            case QUERY_KEY_VALUE -> operandColumns;
            case ATTENTION_OUT -> share.queryColumns();
            case LOG_SUM_EXP -> blockRows();
            case MLP_GATE, MLP_UP -> share.feedForward();
        };
    }

    long bytes(Kept name) {
        return rows(name) * columns(name) * type(name).bytes();
    }

    private long blockRows() {
        return streamRows * share.parts();
    }
}
