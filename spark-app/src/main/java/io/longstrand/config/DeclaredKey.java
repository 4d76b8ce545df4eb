package io.longstrand.config;

/**
 * One declared key.
 *
 * @param path dotted path from the root
 * @param doc comment above it
 * @param value default in HOCON
 * @param check which values are valid
 * @param type Java type of its value
 */
record DeclaredKey(String path, String doc, String value, Check check, Class<?> type) implements Declaration {}
