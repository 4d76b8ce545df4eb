/** The contract of {@code comm} over TCP, and what intruders and faults come to. */
package io.longstrand.comm.tcp;
