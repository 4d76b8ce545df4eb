/**
 * The conformance suite: every case on every backend that can run here, the reference against finite differences, and the
 * suite itself against kernels that err. A new backend needs nothing but its {@link java.util.ServiceLoader} entry to be
 * tested here.
 */
package io.longstrand.conformance;
