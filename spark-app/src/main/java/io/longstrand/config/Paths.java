package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes the paths of a configuration absolute, so that they mean the same from any working directory. A relative input
 * is looked for beside the file that names it, then in the working directory; an output starts at the working
 * directory. URIs stay as they are.
 */
final class Paths {
    private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");

    private final Path workingDirectory;

    Paths(Path workingDirectory) {
        this.workingDirectory = workingDirectory.toAbsolutePath();
    }

    /** Whether a path names its file system. */
    static boolean isUri(String path) {
        return URI.matcher(path).matches();
    }

    /** @param config resolved and checked: the keys have their types */
    Config absolute(Config config) {
        Config result = output(output(config, "run.directory"), "data.directory");
        ConfigValue inputs = Origin.valueAt(result, "data.inputs");
        List<Object> absolute = new ArrayList<>();
        if (inputs instanceof ConfigList list) {
            list.forEach(item -> absolute.add(input(item)));
        } else {
            absolute.add(input(inputs));
        }
        result = ValueReader.replace(result, "data.inputs", absolute);
        ConfigValue tokenizer = Origin.valueAt(result, "data.tokenizer");
        if (tokenizer.unwrapped().toString().endsWith(".json")) {
            result = ValueReader.replace(result, "data.tokenizer", input(tokenizer));
        }
        ConfigValue mask = Origin.valueAt(result, "attention.mask.file");
        if (!mask.unwrapped().toString().isBlank()) {
            result = ValueReader.replace(result, "attention.mask.file", input(mask));
        }
        return result;
    }

    private Config output(Config config, String key) {
        String text = Origin.valueAt(config, key).unwrapped().toString();
        return ValueReader.replace(config, key, resolve(config, key, workingDirectory, text));
    }

    private String resolve(Config config, String key, Path base, String text) {
        if (isUri(text)) {
            return text;
        }
        try {
            return base.resolve(text).normalize().toString();
        } catch (InvalidPathException e) {
            throw new UserError(new Origin(config).of(key) + " is not a valid path: " + e.getReason(), e);
        }
    }

    private String input(ConfigValue value) {
        String text = value.unwrapped().toString();
        Config config = value.atPath("data.inputs");
        String file = value.origin().filename();
        if (file != null) {
            Path directory = Path.of(file).toAbsolutePath().getParent();
            String beside = resolve(config, "data.inputs", directory, text);
            if (isUri(text) || Files.exists(Path.of(beside))) {
                return beside;
            }
        }
        return resolve(config, "data.inputs", workingDirectory, text);
    }
}
