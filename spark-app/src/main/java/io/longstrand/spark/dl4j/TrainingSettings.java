package io.longstrand.spark.dl4j;

import java.io.IOException;
import java.io.Serializable;
import java.time.Duration;
import org.nd4j.shade.jackson.core.JsonFactory;
import org.nd4j.shade.jackson.databind.ObjectMapper;
import org.nd4j.shade.jackson.databind.SerializationFeature;
import org.nd4j.shade.jackson.databind.node.ObjectNode;
import org.nd4j.shade.jackson.dataformat.yaml.YAMLFactory;

/**
 * How a {@link ZeroTrainingMaster} is configured.
 *
 * @param ranks how many train; null: as many as Spark can run at once
 * @param batchSizePerWorker examples of one rank in one step
 * @param operationTimeout longest time one operation between ranks may take
 */
record TrainingSettings(Integer ranks, int batchSizePerWorker, Duration operationTimeout) implements Serializable {
    private static final String RANKS = "numWorkers";
    private static final String BATCH = "batchSizePerWorker";
    private static final String TIMEOUT = "operationTimeoutSeconds";

    TrainingSettings {
        if (ranks != null && ranks < 1) {
            throw new IllegalArgumentException(ranks + " ranks; at least 1 must train");
        }
        if (batchSizePerWorker < 1) {
            throw new IllegalArgumentException(
                    "batchSizePerWorker " + batchSizePerWorker + "; a rank needs at least 1 example in a step");
        }
        if (operationTimeout.toSeconds() < 1) {
            throw new IllegalArgumentException("operationTimeout " + operationTimeout + "; at least a second");
        }
    }

    String json() {
        return text(new JsonFactory());
    }

    String yaml() {
        return text(new YAMLFactory());
    }

    static TrainingSettings ofJson(String text) {
        return parse(new JsonFactory(), text);
    }

    static TrainingSettings ofYaml(String text) {
        return parse(new YAMLFactory(), text);
    }

    private String text(JsonFactory format) {
        ObjectMapper mapper = new ObjectMapper(format).enable(SerializationFeature.INDENT_OUTPUT);
        ObjectNode node = mapper.createObjectNode();
        node.put(RANKS, ranks);
        node.put(BATCH, batchSizePerWorker);
        node.put(TIMEOUT, operationTimeout.toSeconds());
        try {
            return mapper.writeValueAsString(node);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TrainingSettings parse(JsonFactory format, String text) {
        try {
            var node = new ObjectMapper(format).readTree(text);
            if (node == null || !node.hasNonNull(BATCH) || !node.hasNonNull(TIMEOUT)) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no ZeroTrainingMaster: " + BATCH + " or " + TIMEOUT + " is missing");
            }
            return new TrainingSettings(
                    node.hasNonNull(RANKS) ? node.get(RANKS).asInt() : null,
                    node.get(BATCH).asInt(),
                    Duration.ofSeconds(node.get(TIMEOUT).asLong()));
        } catch (IOException e) {
            throw new IllegalArgumentException("'" + text + "' is no ZeroTrainingMaster: " + e.getMessage(), e);
        }
    }
}
