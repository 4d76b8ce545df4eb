/**
 * The benchmarks behind {@code longstrand bench <name>}. May import every room but {@code cli}. They measure this
 * machine, time only what they name, and hand rows of figures to the command.
 */
package io.longstrand.bench;
