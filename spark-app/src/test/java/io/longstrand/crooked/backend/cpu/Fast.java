package io.longstrand.crooked.backend.cpu;

/** What others must not know. */
public record Fast(int lanes) {}
