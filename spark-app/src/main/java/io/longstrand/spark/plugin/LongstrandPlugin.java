package io.longstrand.spark.plugin;

import java.util.Map;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/** Named by {@code spark.plugins}: Spark makes one in the driver and one in every executor. */
public final class LongstrandPlugin implements SparkPlugin {
    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public Object receive(Object message) {
                return RankListeners.deliver((RankMessage) message);
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> extraConfiguration) {
                DriverLink.open(context);
            }

            @Override
            public void shutdown() {
                DriverLink.close();
            }
        };
    }
}
