/**
 * What a run leaves for people: the table at its end and {@code report.html} with its charts, and charts of plans. Imports
 * {@code config}, {@code storage}, {@code metrics} and the paths of {@code checkpoint}. Data comes from the run directory
 * alone, so a report can be made again at any time, and a plan's from whoever asks; everything that comes from files is
 * escaped.
 */
package io.longstrand.report;
