/**
 * FASTA and GenBank flat files, plain or compressed, as a stream of records and chunks of bases; no record is ever held
 * in memory. Imports {@code config} (for {@code UserError}) and {@code storage}. Data comes from sequence files, whole
 * or by split, and goes to {@code genome.token}; bad input ends in one {@code UserError} naming file and line.
 */
package io.longstrand.genome.sequence;
