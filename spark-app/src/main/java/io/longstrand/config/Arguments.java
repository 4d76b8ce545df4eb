package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code key=value} arguments. A value is taken as it stands, so that a shell user need not quote a URI; a list
 * is written {@code [a, b]} or, with one item, {@code a}.
 */
final class Arguments {
    private final Schema schema;
    private final Structure structure;

    Arguments(Schema schema) {
        this.schema = schema;
        this.structure = new Structure(schema);
    }

    /** @throws UserError naming the argument that is no {@code key=value} or whose key is unknown */
    Config parse(List<String> arguments) {
        Config config = ConfigFactory.empty();
        for (String argument : arguments) {
            DeclaredKey key = key(argument);
            String value = argument.substring(argument.indexOf('=') + 1).strip();
            Object parsed = key.type() == List.class ? list(value) : unquoted(value);
            ConfigValue configValue = ConfigValueFactory.fromAnyRef(parsed)
                    .withOrigin(ConfigOriginFactory.newSimple("argument '" + argument + "'"));
            config = config.withValue(key.path(), configValue);
        }
        return config;
    }

    /** The key an argument sets. */
    DeclaredKey key(String argument) {
        int equals = argument.indexOf('=');
        if (equals <= 0) {
            throw new UserError("argument '" + argument + "': expected key=value, for example train.steps=2000");
        }
        String path = argument.substring(0, equals).strip();
        Declaration entry = schema.find(path)
                .orElseThrow(() -> new UserError("argument '" + argument + "': " + structure.unknown(path)));
        if (entry instanceof DeclaredKey key) {
            return key;
        }
        throw new UserError("argument '" + argument + "': " + structure.isSection((Schema) entry));
    }

    private static List<String> list(String value) {
        String items = value.startsWith("[") && value.endsWith("]") ? value.substring(1, value.length() - 1) : value;
        List<String> list = new ArrayList<>();
        if (!items.isBlank()) {
            for (String item : items.split(",", -1)) {
                list.add(unquoted(item.strip()));
            }
        }
        return list;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
