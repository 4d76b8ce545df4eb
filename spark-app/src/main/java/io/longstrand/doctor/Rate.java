package io.longstrand.doctor;

import java.io.Serializable;

/**
 * How fast something went.
 *
 * @param what was done
 * @param perSecond amount in a second
 * @param unit of the amount in a second, such as {@code GFLOP/s}
 */
public record Rate(String what, double perSecond, String unit) implements Serializable {}
