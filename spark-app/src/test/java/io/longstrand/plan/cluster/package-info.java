/** Tests of {@code plan.cluster}. */
package io.longstrand.plan.cluster;
