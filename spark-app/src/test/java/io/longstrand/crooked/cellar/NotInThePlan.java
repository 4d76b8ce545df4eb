package io.longstrand.crooked.cellar;

/** Lives where the plan has no room. */
record NotInThePlan(int depth) {}
