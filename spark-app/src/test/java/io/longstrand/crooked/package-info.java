/**
 * A house that breaks every rule of {@link io.longstrand.HouseRules} once, to show that they can fail. Nothing here
 * runs.
 */
package io.longstrand.crooked;
