/**
 * The only contract the upper floors compute with: {@link io.longstrand.tensor.Memory}, {@link
 * io.longstrand.tensor.Tensor}, {@link io.longstrand.tensor.DataType}, {@link io.longstrand.tensor.Arena} (device and
 * host budgets), {@link io.longstrand.tensor.Backend}, {@link io.longstrand.tensor.Kernels} and {@link
 * io.longstrand.tensor.CopyStream}. May import {@code config} and nothing else of the house. Backends
 * implement it and are found by {@link java.util.ServiceLoader}; {@code attention}, {@code model}, {@code optim} and
 * everything above compute through it.
 */
package io.longstrand.tensor;
