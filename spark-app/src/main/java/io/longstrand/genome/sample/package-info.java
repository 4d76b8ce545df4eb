/**
 * Which bases are trained on and which are held out, and the windows of tokens cut from them: splits, the leak check,
 * the order of training windows, validation windows. May import {@code config}, {@code storage} and
 * {@code genome.sequence}, {@code genome.token}. Tokens come from prepared data; windows go to {@code train} and
 * {@code inference}.
 */
package io.longstrand.genome.sample;
