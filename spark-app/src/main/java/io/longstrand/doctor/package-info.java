/**
 * Whether a device computes what it should, and how fast: {@link io.longstrand.doctor.DeviceCheck} tries every kernel
 * against the float64 reference, measures products and copies, and compares a training step with that of the CPU. Works
 * without Spark, on a class path of the application, a backend's libraries and Typesafe Config; {@code spark} runs it on
 * executors. May import everything up to {@code train}.
 */
package io.longstrand.doctor;
