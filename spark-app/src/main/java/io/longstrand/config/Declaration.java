package io.longstrand.config;

/** A declared key or section: one component of a configuration record. */
sealed interface Declaration permits Schema, DeclaredKey {
    /** Dotted path from the root. */
    String path();

    /** Comment above it. */
    String doc();

    /** Last word of the path. */
    default String name() {
        return path().substring(path().lastIndexOf('.') + 1);
    }
}
