package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import io.longstrand.spark.plugin.LongstrandPlugin;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Opens Spark the way ranks need it. What the user or {@code spark-submit} has set stays; without a master, Spark runs
 * inside this process on all its processors. On this machine alone it opens no port beyond the loopback interface.
 */
public final class SparkOpener {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String SECRET = "spark.authenticate.secret";
    private static final String SECRET_VARIABLE = "_SPARK_AUTH_SECRET";

    /**
     * Starts Spark in this JVM, or joins it where it runs already.
     *
     * @throws UserError when ranks are to be authenticated by a secret and none was given
     * @throws EnvironmentError when the machine has no network interface, not even the loopback one
     */
    public JavaSparkContext open() {
        try {
            SparkConf conf = configuration(new SparkConf());
            requireSecret(conf);
            return JavaSparkContext.fromSparkContext(SparkContext.getOrCreate(conf));
        } catch (ExceptionInInitializerError e) {
            // Spark looks for the machine's address while its classes are loaded.
            throw new EnvironmentError(
                    "Spark does not start: " + e.getCause() + "; it needs a network interface, at least lo", e);
        }
    }

    static SparkConf configuration(SparkConf given) {
        return configuration(given, System.getenv());
    }

    /** @param environment of this process, where the launcher leaves the secret of a standalone cluster */
    static SparkConf configuration(SparkConf given, Map<String, String> environment) {
        SparkConf conf = given.clone();
        if (environment.containsKey(SECRET_VARIABLE)) {
            // Spark reads the variable everywhere but in the driver.
            conf.setIfMissing(SECRET, environment.get(SECRET_VARIABLE));
        }
        conf.setIfMissing("spark.master", "local[*]");
        conf.setIfMissing("spark.app.name", "Longstrand");
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        // Defaults wait a year for a lost peer and ten silent minutes for missing slots.
        conf.setIfMissing("spark.barrier.sync.timeout", "300");
        conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s");
        conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "5");
        String master = conf.get("spark.master");
        if (master.startsWith("local")) {
            conf.setIfMissing("spark.ui.enabled", "false");
            conf.setIfMissing("spark.driver.bindAddress", LOOPBACK);
            conf.setIfMissing("spark.driver.host", LOOPBACK);
        }
        String plugin = LongstrandPlugin.class.getName();
        String plugins = conf.get("spark.plugins", "");
        if (!plugins.contains(plugin)) {
            conf.set("spark.plugins", plugins.isBlank() ? plugin : plugins + "," + plugin);
        }
        return conf;
    }

    /** Other masters than a standalone one make a secret of their own. */
    private static void requireSecret(SparkConf conf) {
        String master = conf.get("spark.master");
        boolean standalone = master.startsWith("spark://") || master.startsWith("local-cluster");
        boolean needed = standalone && conf.getBoolean("spark.authenticate", false);
        if (needed && !conf.contains(SECRET)) {
            throw new UserError("spark.authenticate is set and " + master
                    + " needs a secret; name the file that holds it, of mode 0600, in LONGSTRAND_SPARK_SECRET");
        }
    }
}
