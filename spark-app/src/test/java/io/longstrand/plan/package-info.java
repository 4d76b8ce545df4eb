/** Tests of {@code plan}. */
package io.longstrand.plan;
