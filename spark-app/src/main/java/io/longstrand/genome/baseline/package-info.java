/**
 * What a language model of a genome has to beat: Markov models of fixed order and their mixture, fitted on the same
 * training bases and scored on the same held-out bases. May import {@code config}, {@code storage} and
 * {@code genome.sequence}, {@code genome.token}, {@code genome.sample}. Bases come from prepared data; bits per base go to
 * {@code train}, {@code inference} and {@code report}.
 */
package io.longstrand.genome.baseline;
