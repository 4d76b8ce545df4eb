package io.longstrand.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Refuses keys that no section declares, naming the closest one, and sections given as values. */
final class Structure {
    private final Schema schema;

    Structure(Schema schema) {
        this.schema = schema;
    }

    /** @throws UserError naming place, key, the closest valid key and the keys of the section */
    void check(Config config) {
        check(config.root(), schema);
    }

    private void check(ConfigObject object, Schema section) {
        List<Map.Entry<String, ConfigValue>> entries = object.entrySet().stream()
                .sorted(Comparator.comparingInt(
                        entry -> entry.getValue().origin().lineNumber()))
                .toList();
        for (Map.Entry<String, ConfigValue> entry : entries) {
            String path = section.path().isEmpty() ? entry.getKey() : section.path() + "." + entry.getKey();
            Declaration declared = section.entries().stream()
                    .filter(candidate -> candidate.path().equals(path))
                    .findFirst()
                    .orElseThrow(() ->
                            new UserError(Origin.place(entry.getValue().origin()) + ": " + unknown(path, section)));
            if (declared instanceof Schema child) {
                if (!(entry.getValue() instanceof ConfigObject childObject)) {
                    throw new UserError(Origin.place(entry.getValue().origin()) + ": " + isSection(child));
                }
                check(childObject, child);
            }
        }
    }

    /** What is wrong with a path nothing declares. */
    String unknown(String path) {
        int dot = path.lastIndexOf('.');
        Schema section = dot < 0
                ? schema
                : schema.find(path.substring(0, dot))
                        .filter(Schema.class::isInstance)
                        .map(Schema.class::cast)
                        .orElse(schema);
        return unknown(path, section);
    }

    /** What is wrong with a section where a key was expected. */
    String isSection(Schema section) {
        return section.path() + " is a section, not a key: its keys are " + names(section);
    }

    private String unknown(String path, Schema section) {
        return "unknown key '" + path + "': did you mean '" + closest(path) + "'? Valid keys "
                + (section.path().isEmpty() ? "here" : "in " + section.path()) + ": " + names(section);
    }

    private static String names(Schema section) {
        return section.entries().stream().map(Declaration::name).collect(Collectors.joining(", "));
    }

    /** A key of the same last word in another section comes first: a misplaced key is no misspelt one. */
    private String closest(String path) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        return schema.paths().stream()
                .min(Comparator.<String>comparingInt(
                                candidate -> candidate.endsWith("." + name) || candidate.equals(name) ? 0 : 1)
                        .thenComparingInt(candidate -> distance(path, candidate)))
                .orElseThrow();
    }

    /** Levenshtein distance: the fewest single-letter insertions, deletions and replacements. */
    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
