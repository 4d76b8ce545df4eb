package io.longstrand.crooked.spark.plugin;

import io.longstrand.crooked.spark.launch.First;

/** The other half of a circle. */
public record Second(First other) {}
