package io.longstrand.spark.plugin;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.RunFailure;
import io.longstrand.config.UserError;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;

/**
 * How a rank failed.
 *
 * @param rank its number
 * @param host where it ran
 * @param atMillis when, by that host's clock, in milliseconds since 1970
 * @param kind whose fault it is
 * @param message one line
 * @param stackTrace for the log
 */
public record RankFailure(int rank, String host, long atMillis, Kind kind, String message, String stackTrace)
        implements Serializable {
    /** Whose fault a failure is. */
    public enum Kind {
        /** A {@link UserError}. */
        USER,
        /** An {@link EnvironmentError}. */
        ENVIRONMENT,
        /** A {@link RunFailure}. */
        RUN,
        /** Anything else. */
        OTHER
    }

    /** Describes an exception of a rank, now. */
    public static RankFailure of(int rank, String host, Throwable failure) {
        StringWriter stackTrace = new StringWriter();
        failure.printStackTrace(new PrintWriter(stackTrace));
        Kind kind = kind(failure);
        return new RankFailure(
                rank,
                host,
                System.currentTimeMillis(),
                kind,
                kind == Kind.OTHER || failure.getMessage() == null ? failure.toString() : failure.getMessage(),
                stackTrace.toString());
    }

    private static Kind kind(Throwable failure) {
        if (failure instanceof UserError) {
            return Kind.USER;
        }
        if (failure instanceof EnvironmentError) {
            return Kind.ENVIRONMENT;
        }
        return failure instanceof RunFailure ? Kind.RUN : Kind.OTHER;
    }
}
