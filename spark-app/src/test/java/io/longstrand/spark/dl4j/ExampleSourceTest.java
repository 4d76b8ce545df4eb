package io.longstrand.spark.dl4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.impl.SerializedDataSetLoader;
import org.deeplearning4j.core.loader.impl.SerializedMultiDataSetLoader;
import org.junit.jupiter.api.Test;

/** What is shuffled for one pass serves another exactly when both read the same. */
class ExampleSourceTest {
    private static final DataSetLoader OWN = source -> LocalSpark.EXAMPLES;
    private static final DataSetLoader OTHER = source -> LocalSpark.EXAMPLES;

    private static JavaRDD<String> paths(LocalSpark spark) {
        return spark.context().parallelize(List.of("anything"), 1);
    }

    @Test
    void an_rdd_of_data_sets_is_the_same_source_again_and_another_is_not() {
        try (LocalSpark spark = new LocalSpark()) {
            JavaRDD<String> sets = paths(spark);
            assertThat(ExampleSource.of(sets))
                    .isEqualTo(ExampleSource.of(sets))
                    .isNotEqualTo(ExampleSource.of(paths(spark)));
        }
    }

    @Test
    void paths_are_another_source_with_another_loader_but_for_those_that_deeplearning4j_makes_anew() {
        try (LocalSpark spark = new LocalSpark()) {
            JavaRDD<String> paths = paths(spark);
            assertThat(ExampleSource.of(paths, OWN))
                    .isEqualTo(ExampleSource.of(paths, OWN))
                    .isNotEqualTo(ExampleSource.of(paths, OTHER));
            assertThat(ExampleSource.of(paths, new SerializedDataSetLoader()))
                    .isEqualTo(ExampleSource.of(paths, new SerializedDataSetLoader()))
                    .isNotEqualTo(ExampleSource.of(paths, new SerializedMultiDataSetLoader()));
        }
    }

    @Test
    void a_spark_that_counts_its_rdds_anew_has_other_sources() {
        ExampleSource before;
        try (LocalSpark spark = new LocalSpark()) {
            before = ExampleSource.of(paths(spark));
        }
        try (LocalSpark spark = new LocalSpark()) {
            ExampleSource after = ExampleSource.of(paths(spark));
            assertThat(after.rdd()).isEqualTo(before.rdd());
            assertThat(after).isNotEqualTo(before);
        }
    }
}
