package io.longstrand.spark.dl4j;

import java.io.Serializable;
import org.deeplearning4j.nn.updater.UpdaterBlock;

/**
 * Where one of DL4J's updater blocks lies. The block's state is a few vectors one after another, each with one element
 * for each of its parameters: for Adam all of m, then all of v.
 *
 * @param from its first parameter in the network's flat parameters
 * @param to one past its last
 * @param stateFrom where its state begins in the network's flat state
 * @param vectors how many vectors its state consists of, 0 or more
 */
record BlockSpan(int from, int to, int stateFrom, int vectors) implements Serializable {
    static BlockSpan of(UpdaterBlock block) {
        int parameters = block.getParamOffsetEnd() - block.getParamOffsetStart();
        int state = block.getUpdaterViewOffsetEnd() - block.getUpdaterViewOffsetStart();
        int vectors = parameters == 0 ? 0 : state / parameters;
        if (vectors * parameters != state) {
            throw new IllegalArgumentException(
                    state + " elements of state do not belong to " + parameters + " parameters one by one");
        }
        return new BlockSpan(
                block.getParamOffsetStart(), block.getParamOffsetEnd(), block.getUpdaterViewOffsetStart(), vectors);
    }

    /** Number of its parameters. */
    int parameters() {
        return to - from;
    }
}
