/** What surroundings mean, without any GPU: they are told to {@link io.longstrand.gpu.CudaCheck}, or written by a script. */
package io.longstrand.gpu;
