package io.longstrand.attention;

/**
 * The tiles of queries one task works on: of a range of heads, a range of tiles.
 *
 * @param firstHead first head
 * @param endHead one past the last head
 * @param first index of the first tile
 * @param end one past the index of the last tile
 */
record QueryTiles(int sequence, int firstHead, int endHead, int first, int end) {}
