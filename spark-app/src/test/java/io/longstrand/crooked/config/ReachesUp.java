package io.longstrand.crooked.config;

import io.longstrand.crooked.tensor.Drawer;

/** The ground floor leans on a room above it. */
record ReachesUp(Drawer.Utils above) {}
