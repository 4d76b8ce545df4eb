package io.longstrand.spark.dl4j;

import io.longstrand.config.UserError;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import scala.Tuple2;

/**
 * Brings an RDD's examples to the ranks that train on them, from executor to executor: each data set is cut where one
 * rank's part of a step ends and the next one's begins, and Spark's shuffle carries the pieces, in order.
 */
final class ExampleFeed {
    private final JavaRDD<MultiDataSet> data;
    private final List<Long> counts;

    /**
     * Counts the examples.
     *
     * @param data is read twice, now and by {@link #shared}: whoever hands it over keeps it on executors meanwhile
     * @throws UserError when a data set has nothing to count
     */
    ExampleFeed(JavaRDD<MultiDataSet> data) {
        this.data = data;
        counts = counts(data);
    }

    private static List<Long> counts(JavaRDD<MultiDataSet> data) {
        try {
            return data.mapPartitions(sets -> {
                        long examples = 0;
                        while (sets.hasNext()) {
                            examples += count(sets.next());
                        }
                        return List.of(examples).iterator();
                    })
                    .collect();
        } catch (Exception e) {
            // Spark wraps what a task threw, stack traces in its message; a user error keeps its one line.
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof UserError error) {
                    throw error;
                }
            }
            throw e;
        }
    }

    /** How many examples there are. */
    long examples() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /** One partition a rank: pieces of data sets by the number of their first example, ascending. */
    RDD<Tuple2<Long, MultiDataSet>> shared(ExampleCut cut) {
        List<Long> starts = new ArrayList<>();
        long start = 0;
        for (long count : counts) {
            starts.add(start);
            start += count;
        }
        JavaPairRDD<Long, MultiDataSet> pieces = JavaPairRDD.fromJavaRDD(data.mapPartitionsWithIndex(
                (partition, sets) -> new PieceIterator(cut, starts.get(partition), sets), true));
        return pieces.repartitionAndSortWithinPartitions(new OwnerPartitioner(cut), new NumberOrder())
                .rdd();
    }

    /** Number of examples of a data set. */
    static long count(MultiDataSet set) {
        INDArray[] arrays =
                set.getFeatures() != null && set.getFeatures().length > 0 ? set.getFeatures() : set.getLabels();
        if (arrays == null || arrays.length == 0) {
            throw new UserError("a data set has neither features nor labels; remove it from the RDD");
        }
        return arrays[0].size(0);
    }

    /** Examples {@code from} (inclusive) to {@code to} (exclusive) of a data set, in memory of their own. */
    static MultiDataSet range(MultiDataSet set, long from, long to) {
        if (from == 0 && to == count(set)) {
            return set;
        }
        return new org.nd4j.linalg.dataset.MultiDataSet(
                range(set.getFeatures(), from, to),
                range(set.getLabels(), from, to),
                range(set.getFeaturesMaskArrays(), from, to),
                range(set.getLabelsMaskArrays(), from, to));
    }

    private static INDArray[] range(INDArray[] arrays, long from, long to) {
        if (arrays == null) {
            return null;
        }
        INDArray[] parts = new INDArray[arrays.length];
        for (int i = 0; i < arrays.length; i++) {
            if (arrays[i] != null) {
                INDArrayIndex[] indices = new INDArrayIndex[arrays[i].rank()];
                java.util.Arrays.fill(indices, NDArrayIndex.all());
                indices[0] = NDArrayIndex.interval(from, to);
                parts[i] = arrays[i].get(indices).dup();
            }
        }
        return parts;
    }

    /** The pieces of a partition's data sets. */
    private static final class PieceIterator implements Iterator<Tuple2<Long, MultiDataSet>> {
        private final ExampleCut cut;
        private final Iterator<MultiDataSet> sets;
        private MultiDataSet set;
        private long setStart;
        private long at;

        PieceIterator(ExampleCut cut, long start, Iterator<MultiDataSet> sets) {
            this.cut = cut;
            this.sets = sets;
            setStart = start;
            at = start;
        }

        @Override
        public boolean hasNext() {
            while (set == null && sets.hasNext()) {
                MultiDataSet next = sets.next();
                set = count(next) == 0 ? null : next;
            }
            return set != null;
        }

        @Override
        public Tuple2<Long, MultiDataSet> next() {
            if (!hasNext()) {
                throw new java.util.NoSuchElementException();
            }
            long setEnd = setStart + count(set);
            long end = Math.min(setEnd, cut.end(at));
            Tuple2<Long, MultiDataSet> piece = new Tuple2<>(at, range(set, at - setStart, end - setStart));
            at = end;
            if (at == setEnd) {
                set = null;
                setStart = setEnd;
            }
            return piece;
        }
    }

    /** Which rank gets a piece. */
    private static final class OwnerPartitioner extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final ExampleCut cut;

        OwnerPartitioner(ExampleCut cut) {
            this.cut = cut;
        }

        @Override
        public int numPartitions() {
            return cut.ranks();
        }

        @Override
        public int getPartition(Object example) {
            return cut.owner((Long) example);
        }
    }

    /** Ascending. */
    private static final class NumberOrder implements Comparator<Long>, Serializable {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(Long a, Long b) {
            return a.compareTo(b);
        }
    }
}
