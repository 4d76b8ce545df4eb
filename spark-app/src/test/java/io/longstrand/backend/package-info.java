/**
 * The conformance suite: every kernel of every backend that can run here, against {@link
 * io.longstrand.backend.ReferenceKernels}, which is plain float64 loops and is itself held to finite differences. A new
 * backend needs nothing but its {@link java.util.ServiceLoader} entry to be tested here.
 */
package io.longstrand.backend;
