package io.longstrand.crooked.genome.sequence;

import io.longstrand.crooked.genome.token.Token;

/** A lower room of the genome leans on a higher one. */
record ReachesUp(Token above) {}
