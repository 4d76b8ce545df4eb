package io.longstrand.spark.dl4j;

import io.longstrand.mesh.Slices;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * How the updater's state of a network is cut into slices, one a rank. A rank owns the state of its slice of the
 * parameters, which may begin in the middle of a block; its slice of the state is laid out as DL4J lays out whole ones,
 * block by block, as if the network had no other parameters.
 *
 * @param blocks of the network, in the order of its parameters
 * @param ranks how many slices
 */
record StateLayout(List<BlockSpan> blocks, int ranks) implements Serializable {
    /**
     * The part of a block that a rank owns.
     *
     * @param block its number
     * @param from its first parameter in the network's flat parameters
     * @param to one past its last
     * @param stateFrom where its state begins in the rank's slice of the state
     * @param vectors how many vectors its state consists of
     */
    record Part(int block, int from, int to, int stateFrom, int vectors) {
        int parameters() {
            return to - from;
        }

        int state() {
            return parameters() * vectors;
        }
    }

    /**
     * A stretch that lies in one piece in the whole state and in a slice.
     *
     * @param whole its first element in the whole state
     * @param slice its first element in the slice
     * @param length number of elements
     */
    record Stretch(int whole, int slice, int length) {}

    /** Number of parameters. */
    int parameters() {
        return blocks.isEmpty() ? 0 : blocks.get(blocks.size() - 1).to();
    }

    /** How the parameters are cut. */
    Slices slices() {
        return new Slices(parameters(), ranks);
    }

    /** What a rank owns, in the order of parameters. */
    List<Part> parts(int rank) {
        int from = (int) slices().from(rank);
        int to = (int) slices().to(rank);
        List<Part> parts = new ArrayList<>();
        int stateFrom = 0;
        for (int block = 0; block < blocks.size(); block++) {
            BlockSpan span = blocks.get(block);
            int first = Math.max(from, span.from());
            int end = Math.min(to, span.to());
            if (first < end) {
                Part part = new Part(block, first, end, stateFrom, span.vectors());
                parts.add(part);
                stateFrom += part.state();
            }
        }
        return parts;
    }

    /** Elements of a rank's slice of the state. */
    int stateElements(int rank) {
        return parts(rank).stream().mapToInt(Part::state).sum();
    }

    /** Which stretches of the whole state make up a rank's slice. */
    List<Stretch> stretches(int rank) {
        List<Stretch> stretches = new ArrayList<>();
        for (Part part : parts(rank)) {
            BlockSpan span = blocks.get(part.block());
            for (int vector = 0; vector < part.vectors(); vector++) {
                stretches.add(new Stretch(
                        span.stateFrom() + vector * span.parameters() + part.from() - span.from(),
                        part.stateFrom() + vector * part.parameters(),
                        part.parameters()));
            }
        }
        return stretches;
    }
}
