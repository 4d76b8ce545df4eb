package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads configurations. What wins, lowest first: {@code reference.conf}, the preset named by {@code model.preset}, the
 * configuration file, {@code key=value} arguments. Everything the user can get wrong is a {@link UserError} naming
 * file, line and key.
 */
public final class ConfigurationLoader {
    /** Keys a resumed run may change, besides naming its {@code run.directory}; a dot at the end means the section. */
    private static final List<String> RESUMABLE =
            List.of("train.steps", "train.retries", "checkpoint.every", "parallel.", "zero.", "memory.");

    private final Schema schema = Schema.of(RunConfiguration.class);
    private final Structure structure = new Structure(schema);
    private final Arguments arguments = new Arguments(schema);
    private final Path workingDirectory;

    /** Relative paths of arguments start at {@code workingDirectory}. */
    public ConfigurationLoader(Path workingDirectory) {
        this.workingDirectory = workingDirectory;
    }

    /** Relative paths of arguments start at the process's working directory. */
    public ConfigurationLoader() {
        this(Path.of(""));
    }

    /**
     * A new run's configuration.
     *
     * @param file a HOCON file, which may include others
     * @param keyValues {@code key=value} arguments; of two for one key the last wins
     * @throws UserError for anything wrong in either
     */
    public RunConfiguration load(Optional<Path> file, List<String> keyValues) {
        return bind(arguments.parse(keyValues), file.map(this::parseFile).orElse(ConfigFactory.empty()));
    }

    /**
     * A configuration from the text {@link RunConfiguration#resolved()} gave.
     *
     * @param text the stored text
     * @param name what messages call it, for example the path of {@code config.conf}
     */
    public RunConfiguration stored(String text, String name) {
        return bind(ConfigFactory.empty(), parseText(text, name));
    }

    /**
     * The configuration of a run that goes on: the stored one with the few keys a resumed run may change. Where {@code
     * parallel.data} changes, {@code train.accumulation} follows, so that a step stays what it was.
     *
     * @param text the stored text
     * @param name what messages call it
     * @param keyValues {@code key=value} arguments; {@code run.directory} is accepted because it names the run
     * @throws UserError naming the first key that may not be changed and those that may
     */
    public RunConfiguration resumed(String text, String name, List<String> keyValues) {
        for (String argument : keyValues) {
            String key = arguments.key(argument).path();
            boolean allowed = key.equals("run.directory")
                    || RESUMABLE.stream()
                            .anyMatch(path -> path.endsWith(".") ? key.startsWith(path) : key.equals(path));
            if (!allowed) {
                throw new UserError("argument '" + argument + "': a resumed run keeps its " + key
                        + "; it may change train.steps, train.retries, checkpoint.every, parallel.*, zero.*, memory.*");
            }
        }
        RunConfiguration stored = bind(ConfigFactory.empty(), parseText(text, name));
        RunConfiguration resumed = bind(arguments.parse(keyValues), parseText(text, name));
        if (resumed.parallel().data() == stored.parallel().data()) {
            return resumed;
        }
        List<String> adapted = new ArrayList<>(keyValues);
        adapted.add(
                "train.accumulation=" + accumulation(stored, resumed.parallel().data()));
        return bind(arguments.parse(adapted), parseText(text, name));
    }

    /** Other data-parallel groups share the same windows of a step. */
    private static int accumulation(RunConfiguration stored, int groups) {
        int microBatches =
                Math.multiplyExact(stored.parallel().data(), stored.train().accumulation());
        if (microBatches % groups != 0) {
            throw new UserError("argument 'parallel.data=" + groups + "': a resumed run keeps the "
                    + Math.multiplyExact(microBatches, stored.train().microBatch())
                    + " sequences of its step, " + microBatches + " micro-batches (parallel.data × train.accumulation),"
                    + " which are shared evenly: valid are " + Combinations.divisors(List.of(microBatches)));
        }
        return microBatches / groups;
    }

    private RunConfiguration bind(Config fromArguments, Config fromFile) {
        try {
            structure.check(fromFile);
        } catch (ConfigException.NotResolved e) {
            // A file that merges through substitutions is checked below, once they are resolved.
        }
        Config reference = Presets.resource("reference.conf", "reference.conf");
        Config given = fromArguments.withFallback(fromFile);
        Config withoutPreset = resolve(given.withFallback(reference));
        structure.check(withoutPreset);
        String preset = (String) new ValueReader(withoutPreset).read(schema.key("model.preset"));
        Config shape = new Presets().load(preset, new Origin(withoutPreset).of("model.preset"));
        Config config = derived(resolve(given.withFallback(shape).withFallback(reference)));
        RunConfiguration relative = (RunConfiguration) record(schema, new ValueReader(config));
        Origin origin = new Origin(config);
        new Combinations(origin).check(relative);
        new Supported(origin).check(relative);
        return (RunConfiguration) record(schema, new ValueReader(new Paths(workingDirectory).absolute(config)));
    }

    /** The one default that HOCON cannot compute. */
    private Config derived(Config config) {
        if (!"auto".equals(Origin.valueAt(config, "model.ffn-hidden").unwrapped())) {
            return config;
        }
        ValueReader reader = new ValueReader(config);
        int hidden = (int) reader.read(schema.key("model.hidden"));
        boolean swiglu = reader.read(schema.key("model.activation")) == ModelSection.Activation.SWIGLU;
        long width = swiglu ? (hidden * 8L / 3 + 31) / 32 * 32 : 4L * hidden;
        return ValueReader.replace(config, "model.ffn-hidden", width);
    }

    private Record record(Schema section, ValueReader reader) {
        RecordComponent[] components = section.type().getRecordComponents();
        Class<?>[] types = new Class<?>[components.length];
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            Declaration entry = section.entries().get(i);
            values[i] = entry instanceof Schema child ? record(child, reader) : reader.read((DeclaredKey) entry);
        }
        try {
            return section.type().getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + section.type(), e);
        }
    }

    private Config parseFile(Path file) {
        Path path = workingDirectory.resolve(file);
        if (!Files.isRegularFile(path)) {
            throw new UserError(file + ": no such configuration file");
        }
        try {
            return ConfigFactory.parseFile(
                    file.isAbsolute() ? file.toFile() : path.toFile(), ConfigParseOptions.defaults());
        } catch (ConfigException e) {
            throw notHocon(e);
        }
    }

    private static Config parseText(String text, String name) {
        try {
            return ConfigFactory.parseString(text, ConfigParseOptions.defaults().setOriginDescription(name));
        } catch (ConfigException e) {
            throw notHocon(e);
        }
    }

    private static Config resolve(Config config) {
        try {
            return config.resolve();
        } catch (ConfigException e) {
            throw notHocon(e);
        }
    }

    private static UserError notHocon(ConfigException e) {
        List<String> words = new ArrayList<>(List.of(e.getMessage().strip().split("\\s+")));
        return new UserError(String.join(" ", words).replaceFirst(": (\\d+): ", ":$1: "), e);
    }
}
