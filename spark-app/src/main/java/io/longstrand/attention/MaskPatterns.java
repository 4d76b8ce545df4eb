package io.longstrand.attention;

/** Makes the patterns of sequences. */
@FunctionalInterface
interface MaskPatterns extends AutoCloseable {
    /** @param documentStart of each real token */
    MaskPattern of(int[] documentStart);

    /** Gives back what patterns are made from. */
    @Override
    default void close() {}
}
