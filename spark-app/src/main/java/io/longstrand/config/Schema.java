package io.longstrand.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The declared keys of a configuration record and of the section records inside it, in declaration order.
 *
 * @param path dotted path of this section; empty for the root
 * @param doc comment above the section
 * @param type the record that holds it
 * @param entries keys and sections in the order of the record's components
 */
record Schema(String path, String doc, Class<? extends Record> type, List<Declaration> entries) implements Declaration {

    /** Reads the declarations of a root record. */
    static Schema of(Class<? extends Record> root) {
        return section("", "", root);
    }

    /** Every key below this section. */
    List<DeclaredKey> keys() {
        List<DeclaredKey> keys = new ArrayList<>();
        for (Declaration entry : entries) {
            if (entry instanceof Schema section) {
                keys.addAll(section.keys());
            } else {
                keys.add((DeclaredKey) entry);
            }
        }
        return keys;
    }

    /** Every path below this section, sections before their keys. */
    List<String> paths() {
        List<String> paths = new ArrayList<>();
        for (Declaration entry : entries) {
            paths.add(entry.path());
            if (entry instanceof Schema section) {
                paths.addAll(section.paths());
            }
        }
        return paths;
    }

    /** The key or section at a dotted path. */
    Optional<Declaration> find(String dottedPath) {
        for (Declaration entry : entries) {
            if (entry.path().equals(dottedPath)) {
                return Optional.of(entry);
            }
            if (entry instanceof Schema section && dottedPath.startsWith(section.path() + ".")) {
                return section.find(dottedPath);
            }
        }
        return Optional.empty();
    }

    /** The key at a path that is known to be one. */
    DeclaredKey key(String dottedPath) {
        return (DeclaredKey) find(dottedPath)
                .orElseThrow(() -> new IllegalArgumentException("no such configuration key: " + dottedPath));
    }

    private static Schema section(String path, String doc, Class<? extends Record> type) {
        List<Declaration> entries = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = kebab(component.getName());
            String child = path.isEmpty() ? name : path + "." + name;
            Key key = component.getAnnotation(Key.class);
            if (key != null) {
                entries.add(new DeclaredKey(child, key.doc(), key.value(), key.check(), component.getType()));
            } else {
                Section section = component.getAnnotation(Section.class);
                if (section == null) {
                    throw new IllegalStateException(type.getName() + "." + component.getName()
                            + " is declared neither as a key nor as a section");
                }
                entries.add(section(child, section.doc(), component.getType().asSubclass(Record.class)));
            }
        }
        return new Schema(path, doc, type, List.copyOf(entries));
    }

    /** {@code deviceBudget} to {@code device-budget}. */
    private static String kebab(String camel) {
        return camel.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }
}
