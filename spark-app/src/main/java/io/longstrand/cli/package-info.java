/**
 * The commands of {@code submit/longstrand}: they read what the user typed, call the rooms below and say how it ended.
 * Top floor: may import every room and Spark. Everything human goes to standard error; standard output carries what was
 * asked for (JSON, sequences, help); exit codes are those of {@link io.longstrand.cli.ExitCode}.
 */
package io.longstrand.cli;
