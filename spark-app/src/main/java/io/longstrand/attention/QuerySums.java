package io.longstrand.attention;

import io.longstrand.tensor.Kernels;
import io.longstrand.tensor.Tensor;

/** Where the gradients of the queries of one task are summed up over tiles of keys, in FLOAT32. */
interface QuerySums {
    /** The sum of a tile of queries: (queries, headSize). @param member number of its head in the group */
    Tensor of(Queries queries, int member);

    /** Whether a tile's sum begins with what is added next; from now on it does not. */
    boolean begin(Queries queries, int member);

    /** All sums are complete. @param all the queries of the task */
    void finish(QueryTiles all);

    /**
     * In the gradients themselves, to which earlier blocks of keys added.
     *
     * @param gradients FLOAT32 (tokens, heads · headSize)
     */
    record InPlace(HeadViews views, Tensor gradients) implements QuerySums {
        @Override
        public Tensor of(Queries queries, int member) {
            return views.of(gradients, queries);
        }

        @Override
        public boolean begin(Queries queries, int member) {
            return false;
        }

        @Override
        public void finish(QueryTiles all) {
            // They are where they belong.
        }
    }

    /** In scratch, and written to the gradients at the end. */
    final class InScratch implements QuerySums {
        private final Kernels kernels;
        private final HeadViews views;
        private final Tensor gradients;
        private final Tensor sums;
        /** By head of the group and tile. */
        private final boolean[][] begun;

        /**
         * @param gradients (tokens, heads · headSize)
         * @param sums FLOAT32 (group · queries, headSize)
         */
        InScratch(Kernels kernels, HeadViews views, Tensor gradients, Tensor sums) {
            this.kernels = kernels;
            this.views = views;
            this.gradients = gradients;
            this.sums = sums;
            begun = new boolean[views.shape().group()][views.tile().queryTiles(views.queries())];
        }

        @Override
        public Tensor of(Queries queries, int member) {
            long start = (long) member * views.queries();
            return sums.rows(start + queries.from(), start + queries.to());
        }

        @Override
        public boolean begin(Queries queries, int member) {
            boolean before = begun[member][queries.index()];
            begun[member][queries.index()] = true;
            return !before;
        }

        @Override
        public void finish(QueryTiles all) {
            for (int member = 0; member < begun.length; member++) {
                for (int index = 0; index < begun[member].length; index++) {
                    Queries queries = views.queries(all.sequence(), all.firstHead() + member, index);
                    Tensor out = views.of(gradients, queries);
                    if (begun[member][index]) {
                        kernels.copy(of(queries, member), out);
                    } else {
                        kernels.fill(out, 0);
                    }
                }
            }
        }
    }
}
