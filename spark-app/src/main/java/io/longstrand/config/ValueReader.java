package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads one key's value from a resolved configuration as its declared Java type. */
final class ValueReader {
    private final Config config;

    /** @param config resolved: no substitution left */
    ValueReader(Config config) {
        this.config = config;
    }

    /**
     * The value of a key.
     *
     * @throws UserError when it has another type or is not among the valid ones
     */
    Object read(DeclaredKey key) {
        ConfigValue value = Origin.valueAt(config, key.path());
        Object read;
        try {
            read = convert(key.type(), value);
        } catch (ConfigException | ArithmeticException | IllegalArgumentException e) {
            throw wrong(key, e);
        }
        if (!key.check().accepts(read)) {
            throw wrong(key, null);
        }
        return read;
    }

    private UserError wrong(DeclaredKey key, Exception cause) {
        String message = new Origin(config).of(key.path()) + " is not valid: expected "
                + ConfigurationText.expectation(key).strip();
        return new UserError(message, cause);
    }

    private static Object convert(Class<?> type, ConfigValue value) {
        if (type.isEnum()) {
            return choice(type, text(value));
        }
        if (type == int.class) {
            return number(value).intValueExact();
        }
        if (type == long.class) {
            return number(value).longValueExact();
        }
        if (type == double.class) {
            return number(value).doubleValue();
        }
        if (type == boolean.class) {
            return value.atKey("value").getBoolean("value");
        }
        if (type == String.class) {
            return text(value);
        }
        if (type == List.class) {
            return texts(value);
        }
        if (type == OptionalInt.class) {
            return automatic(value)
                    ? OptionalInt.empty()
                    : OptionalInt.of(number(value).intValueExact());
        }
        if (type == OptionalLong.class) {
            return automatic(value)
                    ? OptionalLong.empty()
                    : OptionalLong.of(value.atKey("value").getBytes("value"));
        }
        if (type == Duration.class) {
            return value.atKey("value").getDuration("value");
        }
        throw new IllegalStateException("no reader for " + type);
    }

    private static Object choice(Class<?> type, String text) {
        for (Object constant : type.getEnumConstants()) {
            if (((Choice) constant).text().equals(text)) {
                return constant;
            }
        }
        throw new IllegalArgumentException(text);
    }

    private static boolean automatic(ConfigValue value) {
        return "auto".equals(value.unwrapped());
    }

    /** The exact number: {@code 1e6} is a whole one, {@code 1.5} is not. */
    private static BigDecimal number(ConfigValue value) {
        return switch (value.valueType()) {
            case NUMBER, STRING -> new BigDecimal(value.unwrapped().toString());
            default -> throw new IllegalArgumentException(value.valueType().toString());
        };
    }

    private static String text(ConfigValue value) {
        return switch (value.valueType()) {
            case STRING, NUMBER, BOOLEAN -> value.unwrapped().toString();
            default -> throw new IllegalArgumentException(value.valueType().toString());
        };
    }

    /** A list of texts; a single text stands for a list of one. */
    private static List<String> texts(ConfigValue value) {
        if (value.valueType() == ConfigValueType.LIST) {
            List<String> texts = new ArrayList<>();
            for (ConfigValue item : (ConfigList) value) {
                texts.add(text(item));
            }
            return List.copyOf(texts);
        }
        return List.of(text(value));
    }

    /** A configuration with one key replaced, at the place in a file where the old value stood. */
    static Config replace(Config config, String path, Object newValue) {
        ConfigValue old = Origin.valueAt(config, path);
        return config.withValue(path, ConfigValueFactory.fromAnyRef(newValue).withOrigin(old.origin()));
    }
}
