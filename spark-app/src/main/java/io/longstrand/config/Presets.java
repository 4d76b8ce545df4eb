package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The model shapes of {@code conf/models}, which the build copies into the jar. */
final class Presets {
    static final String NONE = "none";
    static final List<String> NAMES =
            List.of("genome-1M", "genome-4M", "genome-25M", "genome-250M", "GPT1_5B", "GPT6_7B", "GPT25B", "GPT33B");

    /** @throws UserError naming the presets there are, beginning with {@code place} */
    Config load(String name, String place) {
        if (name.equals(NONE)) {
            return ConfigFactory.empty();
        }
        if (!NAMES.contains(name)) {
            throw new UserError(place + " is not valid: expected one of " + String.join(", ", NAMES) + " or " + NONE);
        }
        return resource("models/" + name + ".conf", "conf/models/" + name + ".conf");
    }

    /** Parses a file of the jar; {@code shownAs} names it in messages. */
    static Config resource(String path, String shownAs) {
        try (InputStream stream = Presets.class.getResourceAsStream("/" + path)) {
            if (stream == null) {
                throw new EnvironmentError("the application jar lacks " + path + ": build it again");
            }
            Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8);
            return ConfigFactory.parseReader(
                    reader, ConfigParseOptions.defaults().setOriginDescription(shownAs));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
