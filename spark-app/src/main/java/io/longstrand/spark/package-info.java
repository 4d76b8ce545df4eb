/**
 * Everything Spark: data jobs, the barrier stage that runs the ranks, and messages between ranks and driver. May import
 * every room but {@code bench} and {@code cli}. Work comes from the commands; what the ranks report goes to
 * {@code metrics} and the run directory.
 */
package io.longstrand.spark;
