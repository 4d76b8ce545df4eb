package io.longstrand.config;

/** A run failed or was interrupted and can be resumed. Ends a command with exit code 4 and this message. */
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line for the user: what failed, at which step and rank, and how to resume */
    public RunFailure(String message) {
        super(message);
    }

    /**
     * As above.
     *
     * @param message as above
     * @param cause kept for logs, never shown to the user
     */
    public RunFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
