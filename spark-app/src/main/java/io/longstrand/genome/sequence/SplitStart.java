package io.longstrand.genome.sequence;

import java.io.Serializable;

/**
 * Where a split begins in the records.
 *
 * @param record the record open at its first byte, or −1 at the beginning of a file
 * @param base bases of that record before the split
 * @param nextRecord the number of the first record whose header lies in the split or behind it
 */
public record SplitStart(int record, long base, int nextRecord) implements Serializable {}
