package io.longstrand.spark.launch;

/** A rank failed in a way nobody foresaw; the cause holds its stack trace as Spark carried it to the driver. */
public final class RankException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line: rank, host and what happened */
    public RankException(String message, Throwable cause) {
        super(message, cause);
    }
}
