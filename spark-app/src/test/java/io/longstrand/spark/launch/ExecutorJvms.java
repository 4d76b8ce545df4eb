package io.longstrand.spark.launch;

import io.longstrand.config.CommSection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** A Spark whose executors are processes of their own with one core each, from the class path of the tests. */
public final class ExecutorJvms implements AutoCloseable {
    private static final Duration STARTING = Duration.ofMinutes(1);

    private final JavaSparkContext spark;

    private ExecutorJvms(JavaSparkContext spark) {
        this.spark = spark;
    }

    /** Starts them. @param settings of Spark, key and value in turn */
    public static ExecutorJvms start(int executors, String... settings) throws IOException {
        // Where Spark's own start of an executor looks for jars; all of them are on the class path instead.
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
        SparkConf conf = new SparkConf()
                .setMaster("local-cluster[" + executors + ",1,1024]")
                .setAppName("ExecutorJvms")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set(
                        "spark.executor.extraClassPath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")))
                .set("spark.executor.extraJavaOptions", System.getProperty("longstrand.java.options"));
        for (int i = 0; i < settings.length; i += 2) {
            conf.set(settings[i], settings[i + 1]);
        }
        JavaSparkContext spark = new JavaSparkContext(SparkOpener.configuration(conf));
        long deadline = System.nanoTime() + STARTING.toNanos();
        while (new Slots(spark.sc()).available() < executors && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        return new ExecutorJvms(spark);
    }

    /** Open until these are closed. */
    public JavaSparkContext spark() {
        return spark;
    }

    RankLauncher launcher() {
        return launcher(CommSection.Encryption.AUTO);
    }

    RankLauncher launcher(CommSection.Encryption encryption) {
        return new RankLauncher(spark, new CommSection(CommSection.Transport.TCP, Duration.ofMinutes(1), encryption));
    }

    @Override
    public void close() {
        spark.close();
    }
}
