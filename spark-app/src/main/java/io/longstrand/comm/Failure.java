package io.longstrand.comm;

/**
 * Why ranks can no longer work together.
 *
 * @param rank the rank that is lost, late or at odds with another
 * @param host where it runs
 * @param operation what was going on
 * @param reason what is wrong with it
 */
public record Failure(int rank, String host, String operation, String reason) {
    /** One line for the user. */
    public String message() {
        return "communication failed at rank " + rank + " (" + host + "), " + operation + ": " + reason;
    }
}
