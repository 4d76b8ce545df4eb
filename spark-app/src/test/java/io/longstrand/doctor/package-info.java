/** The check of a device, on the CPU's backend where a real one is needed. */
package io.longstrand.doctor;
