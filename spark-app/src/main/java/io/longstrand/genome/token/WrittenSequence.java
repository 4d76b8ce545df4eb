package io.longstrand.genome.token;

/**
 * A sequence as the writer placed it.
 *
 * @param stream which of the document's streams it belongs to (a strand and phase)
 * @param firstToken its first token's index in that stream; above 0 only for the later parts of a very long one
 * @param tokens its length
 * @param sequence its index in the shard file
 */
public record WrittenSequence(int stream, long firstToken, long tokens, long sequence) {}
