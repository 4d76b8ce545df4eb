/**
 * Clusters nobody needs to have at hand: what their GPUs, nodes and links are published to hold and reach, and how long a
 * step takes at given rates. Plans for them come from the same rehearsal as any other; the layouts to try come from
 * {@code train}. May import what {@code plan} may.
 */
package io.longstrand.plan.cluster;
