package io.longstrand.crooked.spark.launch;

import io.longstrand.crooked.spark.plugin.Second;

/** One half of a circle. */
public record First(Second other) {}
