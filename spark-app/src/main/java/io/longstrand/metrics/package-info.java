/**
 * What happens in a run, as records, and where they are written: JSON lines, {@code status.json}, TensorBoard, the
 * console. Imports {@code config} and {@code storage}. Events come from {@code train} and {@code spark}; they go into
 * the run directory, which {@code report} reads.
 */
package io.longstrand.metrics;
