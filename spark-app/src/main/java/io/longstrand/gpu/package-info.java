/**
 * What this machine and this class path have of GPUs, and what stands in the way of computing on them: asked before any
 * library of CUDA is loaded, by backends, by executors before they train, and by {@code doctor}. {@link
 * io.longstrand.gpu.Surroundings} is where it comes from, {@link io.longstrand.gpu.CudaCheck} what it means. May import
 * {@code config}.
 */
package io.longstrand.gpu;
