/** Tests of {@code plan.published}. */
package io.longstrand.plan.published;
