/** Tests of {@code attention}. */
package io.longstrand.attention;
