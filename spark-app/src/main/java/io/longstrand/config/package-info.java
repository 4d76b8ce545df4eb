/**
 * HOCON to immutable records, one record per section; each key is declared once with its documentation, default and
 * check. Ground floor: imports no other room. Data comes from {@code reference.conf}, configuration files and the
 * command line, and goes to every other room. The three errors a user may see, and their exit codes, live here because
 * every room may raise them.
 */
package io.longstrand.config;
