package io.longstrand.checkpoint;

/**
 * How far training had come when a checkpoint was taken.
 *
 * @param step optimiser steps done
 * @param tokens tokens trained on
 * @param seed of the run
 * @param configuration SHA-256 of the settings that determine the training's bits
 */
public record Progress(long step, long tokens, long seed, String configuration) {}
