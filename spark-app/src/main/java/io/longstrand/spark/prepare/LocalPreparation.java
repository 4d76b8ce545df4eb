package io.longstrand.spark.prepare;

import java.io.Closeable;
import java.io.IOException;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Preparation in a Spark of this process's own, for those who have none running. */
public final class LocalPreparation implements Closeable {
    private final JavaSparkContext context;

    /** @param cores how many tasks run at once, at least 1 */
    public LocalPreparation(int cores) {
        context = new JavaSparkContext(new SparkConf()
                .setMaster("local[" + cores + "]")
                .setAppName("longstrand-prepare")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "localhost")
                .set("spark.driver.bindAddress", "127.0.0.1"));
    }

    /** As {@link PrepareJob#run}. */
    public PrepareResult run(PrepareRequest request, PrepareProgress progress) throws IOException {
        return new PrepareJob(context, progress).run(request);
    }

    @Override
    public void close() {
        context.close();
    }
}
