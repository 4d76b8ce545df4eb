package io.longstrand.spark.dl4j;

import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.core.loader.impl.SerializedDataSetLoader;
import org.deeplearning4j.core.loader.impl.SerializedMultiDataSetLoader;

/**
 * Where the examples of a pass come from; equal sources give equal examples.
 *
 * @param spark whose RDD it is: the next one in this JVM numbers its RDDs from 0 again
 * @param rdd number of the RDD
 * @param loader what makes data sets of its paths, which another loader would read otherwise; null where there are none
 */
record ExampleSource(SparkContext spark, int rdd, Object loader) {
    /** DL4J makes them anew for every pass, without equality; they have no state, so their class says which they are. */
    private static final Set<Class<?>> ALL_ALIKE =
            Set.of(SerializedDataSetLoader.class, SerializedMultiDataSetLoader.class);

    /** An RDD of data sets. */
    static ExampleSource of(JavaRDD<?> sets) {
        return new ExampleSource(sets.context(), sets.id(), null);
    }

    /** An RDD of paths. */
    static ExampleSource of(JavaRDD<String> paths, Object loader) {
        return new ExampleSource(
                paths.context(), paths.id(), ALL_ALIKE.contains(loader.getClass()) ? loader.getClass() : loader);
    }
}
