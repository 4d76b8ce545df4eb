package io.longstrand.config;

import com.typesafe.config.ConfigUtil;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Writes a schema as HOCON: with its defaults for {@code reference.conf}, with a record's values for a run. */
final class ConfigurationText {
    private static final int LINE_WIDTH = 100;
    private static final String[] BYTE_UNITS = {"TiB", "GiB", "MiB", "KiB"};

    private final Schema schema;

    ConfigurationText(Schema schema) {
        this.schema = schema;
    }

    /** The text of {@code reference.conf}: every key with its documentation, valid values and default. */
    String reference() {
        StringBuilder text = new StringBuilder("""
                # Every configuration key with its default. A configuration file or a key=value argument overrides it;
                # what wins: this file < the preset named by model.preset < the file given with --conf < key=value.
                # Written from the declarations in io.longstrand.config; a test keeps the two equal.
                """);
        write(text, schema, 0, key -> key.value(), true);
        return text.toString();
    }

    /** The text of a run's {@code config.conf}: every key with its value. */
    String resolved(Record configuration) {
        StringBuilder text = new StringBuilder("# The configuration of this run, complete.\n");
        write(text, schema, 0, key -> resolved(configuration, key), false);
        return text.toString();
    }

    /** Data inside the run directory is named relative to it, so that a run directory can be moved or copied. */
    private String resolved(Record configuration, DeclaredKey key) {
        Object value = valueAt(configuration, key.path());
        if (key.path().equals("data.directory")) {
            String run = valueAt(configuration, "run.directory") + "/";
            String data = (String) value;
            if (data.startsWith(run)) {
                return "${run.directory}" + literal(data.substring(run.length() - 1));
            }
        }
        return literal(value);
    }

    private static void write(
            StringBuilder text, Schema section, int depth, Function<DeclaredKey, String> value, boolean documented) {
        String indent = "  ".repeat(depth);
        for (Declaration entry : section.entries()) {
            if (documented) {
                if (depth == 0 || entry != section.entries().get(0)) {
                    text.append('\n');
                }
                comment(text, indent, entry.doc());
            }
            if (entry instanceof Schema child) {
                text.append(indent).append(child.name()).append(" {\n");
                write(text, child, depth + 1, value, documented);
                text.append(indent).append("}\n");
            } else {
                DeclaredKey key = (DeclaredKey) entry;
                text.append(indent)
                        .append(key.name())
                        .append(" = ")
                        .append(value.apply(key))
                        .append('\n');
            }
        }
    }

    private static void comment(StringBuilder text, String indent, String doc) {
        StringBuilder line = new StringBuilder(indent).append('#');
        for (String word : doc.split(" ", -1)) {
            if (line.length() + 1 + word.length() > LINE_WIDTH) {
                text.append(line).append('\n');
                line = new StringBuilder(indent).append('#');
            }
            line.append(' ').append(word);
        }
        text.append(line).append('\n');
    }

    private Object valueAt(Record record, String path) {
        Record holder = record;
        Schema section = schema;
        while (true) {
            RecordComponent[] components = section.type().getRecordComponents();
            for (int i = 0; i < components.length; i++) {
                Declaration entry = section.entries().get(i);
                if (entry.path().equals(path)) {
                    return component(holder, components[i]);
                }
                if (entry instanceof Schema child && path.startsWith(child.path() + ".")) {
                    holder = (Record) component(holder, components[i]);
                    section = child;
                    break;
                }
            }
        }
    }

    private static Object component(Record holder, RecordComponent component) {
        try {
            return component.getAccessor().invoke(holder);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    /** A value as HOCON that reads back to an equal value. */
    static String literal(Object value) {
        if (value instanceof Choice choice) {
            return ConfigUtil.quoteString(choice.text());
        }
        if (value instanceof String string) {
            return ConfigUtil.quoteString(string);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(ConfigurationText::literal).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value instanceof OptionalInt count) {
            return count.isPresent() ? Integer.toString(count.getAsInt()) : "auto";
        }
        if (value instanceof OptionalLong bytes) {
            return bytes.isPresent() ? byteSize(bytes.getAsLong()) : "auto";
        }
        if (value instanceof Duration duration) {
            return duration(duration);
        }
        return String.valueOf(value);
    }

    private static String byteSize(long bytes) {
        for (int i = 0; i < BYTE_UNITS.length; i++) {
            long unit = 1L << (10 * (BYTE_UNITS.length - i));
            if (bytes >= unit && bytes % unit == 0) {
                return bytes / unit + BYTE_UNITS[i];
            }
        }
        return Long.toString(bytes);
    }

    private static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 60_000 == 0) {
            return millis / 60_000 + " minutes";
        }
        return millis % 1000 == 0 ? millis / 1000 + " seconds" : millis + " milliseconds";
    }

    /** The valid values of a key, to complete "expected …". */
    static String expectation(DeclaredKey key) {
        List<String> parts = new ArrayList<>();
        parts.add(typeName(key));
        if (!key.check().description().isEmpty()) {
            parts.add(key.check().description());
        }
        return String.join(" ", parts);
    }

    private static String typeName(DeclaredKey key) {
        Class<?> type = key.type();
        if (type.isEnum()) {
            return "one of "
                    + List.of(type.getEnumConstants()).stream()
                            .map(constant -> ((Choice) constant).text())
                            .collect(Collectors.joining(", "));
        }
        if (type == int.class || type == long.class) {
            return "a whole number";
        }
        if (type == OptionalInt.class) {
            return "auto or a whole number";
        }
        if (type == OptionalLong.class) {
            return "auto or a size in bytes such as 512MiB,";
        }
        if (type == Duration.class) {
            return "a duration such as \"10 minutes\",";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == double.class) {
            return "a number";
        }
        if (type == List.class) {
            return "a list of texts such as [\"a\", \"b\"],";
        }
        return key.check() == Check.TOKENIZER ? "" : "a text that is";
    }
}
