/**
 * What a layout needs before anything runs. The memory plan comes from a rehearsal: the very code of one step, run over
 * a backend that has no memory and computes nothing, so planned bytes are those the arenas later report. May import
 * {@code config}, {@code tensor} and whatever lies between; the step to rehearse comes from {@code train}, plans go back
 * to it and to {@code cli}.
 */
package io.longstrand.plan;
