package io.longstrand.crooked.backend.nd4j;

import io.longstrand.crooked.backend.cpu.Fast;

/** One backend leans on another. */
record KnowsAnother(Fast other) {}
