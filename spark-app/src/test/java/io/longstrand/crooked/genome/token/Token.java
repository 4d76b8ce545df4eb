package io.longstrand.crooked.genome.token;

/** What a lower room reaches for. */
public record Token(int id) {}
