package io.longstrand.config;

/**
 * Something the user gave is wrong: usage, input or a configuration that cannot fit its own budget. Ends a command
 * with exit code 2 and this message, one line: what, where (file, line, key, record or byte), what would be right.
 */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message one line for the user: what is wrong, where, and what would be right */
    public UserError(String message) {
        super(message);
    }

    /**
     * As above.
     *
     * @param message as above
     * @param cause kept for logs, never shown to the user
     */
    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
