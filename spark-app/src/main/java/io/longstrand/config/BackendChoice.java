package io.longstrand.config;

/** Which backend computes. {@code AUTO} takes torch when CUDA is there, else cpu; nd4j is only ever chosen by name. */
public enum BackendChoice implements Choice {
    AUTO,
    CPU,
    ND4J,
    TORCH
}
