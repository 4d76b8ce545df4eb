package io.longstrand.spark.prepare;

import io.longstrand.genome.token.Manifest;

/**
 * What a preparation did.
 *
 * @param manifest of the data now in the directory
 * @param reused whether it was there already, made from the same inputs with the same tokeniser
 * @param inputBytes bytes of the inputs on disk
 * @param seconds it took
 */
public record PrepareResult(Manifest manifest, boolean reused, long inputBytes, double seconds) {}
