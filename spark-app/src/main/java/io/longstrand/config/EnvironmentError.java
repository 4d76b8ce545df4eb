package io.longstrand.config;

/**
 * The machine or cluster lacks what was asked: slots, GPUs, a native library, a JVM flag. Ends a command with exit
 * code 3 and this message.
 */
public final class EnvironmentError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line for the user: what is missing, where, and how to provide it */
    public EnvironmentError(String message) {
        super(message);
    }

    /**
     * As above.
     *
     * @param message as above
     * @param cause kept for logs, never shown to the user
     */
    public EnvironmentError(String message, Throwable cause) {
        super(message, cause);
    }
}
