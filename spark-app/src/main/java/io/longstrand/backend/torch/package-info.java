/**
 * libtorch 2.5.1 as a backend, on the CPU or on CUDA: the device is a parameter and every kernel is written once. Kernels
 * are libtorch operations on views of our memory; flash attention forward and backward and the fused AdamW are reached
 * by name through libtorch's dispatcher. May import {@code tensor}, {@code config} and libtorch's Java interface; nobody
 * imports it, {@link java.util.ServiceLoader} finds it, and it opens where the build put libtorch itself on the class
 * path (Maven profiles {@code torch} and {@code cuda}).
 *
 * <p>On the CPU libtorch and its BLAS are held to the thread that calls them and our lanes split the work, in blocks
 * whose size depends on the shape alone, so the number of lanes changes no bit. On CUDA there is one lane and one block:
 * the device splits the work itself, and copies pass beside it on streams of their own. Both pass the conformance suite: on
 * CUDA it ran on an H200 (benchmarks/gpu.md).
 */
package io.longstrand.backend.torch;
