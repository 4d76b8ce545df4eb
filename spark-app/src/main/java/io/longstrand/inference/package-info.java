/**
 * What a trained model is asked for: the score of a held-out part, generated sequence and how it compares with the
 * training data. May import {@code checkpoint}, {@code model}, {@code genome} and below. Parameters come from a
 * checkpoint or from the run in progress; scores go to {@code train} and {@code cli}.
 */
package io.longstrand.inference;
