/**
 * What backends share: lanes, the cut of kernels into blocks, native memory. The backends themselves, one room each,
 * know nothing of one another, and nobody imports them: {@link java.util.ServiceLoader} finds them. May import {@code
 * tensor}, {@code config} and JavaCPP.
 */
package io.longstrand.backend;
