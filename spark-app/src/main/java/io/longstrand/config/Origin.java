package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.List;

/** Says where a value came from, the way every message to the user begins: {@code conf/a.conf:12: train.steps = 0}. */
final class Origin {
    private final Config config;

    Origin(Config config) {
        this.config = config;
    }

    /** Place, key and value: {@code conf/a.conf:12: train.steps = 0}. */
    String of(String path) {
        ConfigValue value = valueAt(config, path);
        return place(value.origin()) + ": " + path + " = " + value.render(ConfigRenderOptions.concise());
    }

    /** Key, value and place, for the second key of a message: {@code model.heads = 3 (conf/a.conf:4)}. */
    String beside(String path) {
        ConfigValue value = valueAt(config, path);
        return path + " = " + value.render(ConfigRenderOptions.concise()) + " (" + place(value.origin()) + ")";
    }

    /** The place alone: {@code conf/a.conf:12}. */
    static String place(ConfigOrigin origin) {
        return origin.description().replaceFirst(": (\\d+)(-\\d+)?$", ":$1");
    }

    /** The value at a path, which the reference gives every key; a HOCON null is a value here. */
    static ConfigValue valueAt(Config config, String path) {
        ConfigValue value = config.root();
        for (String word : List.of(path.split("\\."))) {
            value = ((ConfigObject) value).get(word);
        }
        return value;
    }
}
