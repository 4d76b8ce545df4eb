package io.longstrand.comm.tcp;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/**
 * How ranks reach each other; the same on every rank.
 *
 * @param run names the run
 * @param secret known to its ranks only
 * @param encrypted whether what is sent is encrypted; whoever connects is authenticated in any case
 * @param streams connections for data between two ranks, at least 1; one more carries control
 * @param joining longest time until all ranks are connected
 * @param silence a rank not heard of for so long is lost
 * @param operation longest time one operation may take
 */
public record TcpSettings(
        String run,
        RunSecret secret,
        boolean encrypted,
        int streams,
        Duration joining,
        Duration silence,
        Duration operation) {
    /** So many connections at once keep both directions of a link busy. */
    private static final int STREAMS = 2;

    private static final int MOST_STREAMS = 16;

    public TcpSettings {
        Objects.requireNonNull(run, "run");
        Objects.requireNonNull(secret, "secret");
        if (streams < 1 || streams > MOST_STREAMS) {
            throw new IllegalArgumentException(streams + " streams; 1 to " + MOST_STREAMS + " are possible");
        }
    }

    /** The usual settings. */
    public static TcpSettings of(String run, RunSecret secret, Duration operation) {
        return new TcpSettings(run, secret, false, STREAMS, Duration.ofSeconds(30), Duration.ofSeconds(10), operation);
    }

    /** The same with encryption. */
    public TcpSettings withEncryption() {
        return new TcpSettings(run, secret, true, streams, joining, silence, operation);
    }

    /** The same with another number of data connections. */
    public TcpSettings withStreams(int other) {
        return new TcpSettings(run, secret, encrypted, other, joining, silence, operation);
    }

    /** The same with another time to connect in. */
    public TcpSettings withJoining(Duration other) {
        return new TcpSettings(run, secret, encrypted, streams, other, silence, operation);
    }

    /** The same with another patience with silent ranks. */
    public TcpSettings withSilence(Duration other) {
        return new TcpSettings(run, secret, encrypted, streams, joining, other, operation);
    }

    /** What frames know the run by. */
    long runDigest() {
        return ByteBuffer.wrap(secret.prove("longstrand run", run.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }
}
