package io.longstrand.crooked.model;

import io.longstrand.crooked.backend.cpu.Fast;

/** A model that is bound to one device. */
record KnowsABackend(Fast backend) {}
