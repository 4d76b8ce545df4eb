package io.longstrand.comm.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Predicate;

/**
 * Mutual challenge and response over a new connection. The listening side first sends a fresh nonce, the connecting side
 * answers with its {@link Hello}, a nonce of its own and a proof over all of it, the listening side proves the same in
 * return. A proof holds for one pair of nonces, so that a recorded one is worth nothing. A stranger learns a random
 * number and nothing else, and makes this side read at most {@value #ANSWER} bytes.
 */
final class Handshake {
    private static final byte[] GREETING = "LONGSTRAND comm1".getBytes(StandardCharsets.US_ASCII);
    private static final int NONCE = 32;
    private static final int ANSWER = 16 + Hello.BYTES + NONCE + RunSecret.BYTES;
    private static final String CONNECTING = "longstrand connecting rank";
    private static final String LISTENING = "longstrand listening rank";

    /** The other side closed the connection before it said a word: it has no time. */
    static final class Busy extends IOException {
        private static final long serialVersionUID = 1L;

        Busy() {
            super("the connection was closed before it was greeted");
        }
    }

    private final String run;
    private final RunSecret secret;
    private final SecureRandom random = new SecureRandom();

    Handshake(String run, RunSecret secret) {
        this.run = run;
        this.secret = secret;
    }

    /**
     * Connecting side.
     *
     * @throws IOException when the other side does not know the secret or refuses
     */
    Wire connect(SocketChannel channel, Hello hello, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        byte[] greeting = read(channel, GREETING.length + NONCE, deadline, true);
        byte[] theirs = nonce(greeting, GREETING.length);
        if (!startsWithGreeting(greeting)) {
            throw new IOException("what listens there is no rank");
        }
        byte[] own = fresh();
        byte[] written = hello.written();
        write(channel, GREETING, written, own, secret.prove(CONNECTING, name(), written, theirs, own));
        byte[] proof;
        try {
            proof = read(channel, RunSecret.BYTES, deadline, false);
        } catch (IOException refused) {
            throw new IOException("it refused the connection: another run, secret or configuration", refused);
        }
        if (!MessageDigest.isEqual(proof, secret.prove(LISTENING, name(), written, theirs, own))) {
            throw new IOException("it does not know the secret of this run");
        }
        return wire(channel, hello, theirs, own, true);
    }

    /** What the listening side gets: who connected, and the connection. */
    record Accepted(Hello hello, Wire wire) {}

    /**
     * Listening side.
     *
     * @param expected whether such a connection is missing; asked only about one that is authentic
     * @throws IOException when the other side is a stranger, late or not expected
     */
    Accepted accept(SocketChannel channel, Predicate<Hello> expected, Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        byte[] own = fresh();
        write(channel, GREETING, own);
        byte[] answer = read(channel, ANSWER, deadline, false);
        byte[] written = Arrays.copyOfRange(answer, GREETING.length, GREETING.length + Hello.BYTES);
        byte[] theirs = nonce(answer, GREETING.length + Hello.BYTES);
        byte[] proof = Arrays.copyOfRange(answer, ANSWER - RunSecret.BYTES, ANSWER);
        boolean proven = MessageDigest.isEqual(proof, secret.prove(CONNECTING, name(), written, own, theirs));
        if (!startsWithGreeting(answer) || !proven) {
            throw new IOException("a stranger");
        }
        Hello hello = Hello.read(written);
        if (!expected.test(hello)) {
            throw new IOException("not expected: " + hello);
        }
        write(channel, secret.prove(LISTENING, name(), written, own, theirs));
        return new Accepted(hello, wire(channel, hello, own, theirs, false));
    }

    /** Frames in clear, or encrypted with a key for each direction that no other connection ever has. */
    private Wire wire(SocketChannel channel, Hello hello, byte[] listening, byte[] connecting, boolean connected)
            throws IOException {
        channel.socket().setSoTimeout(0);
        if (!hello.encrypted()) {
            return new PlainWire(channel);
        }
        byte[] salt =
                ByteBuffer.allocate(2 * NONCE).put(listening).put(connecting).array();
        byte[] fromConnecting = secret.derive(salt, CONNECTING + " frames", name(), hello.written());
        byte[] fromListening = secret.derive(salt, LISTENING + " frames", name(), hello.written());
        return connected
                ? new SealedWire(channel, fromConnecting, fromListening)
                : new SealedWire(channel, fromListening, fromConnecting);
    }

    /** The run's name at a fixed length, so that parts of a proof cannot be shifted into each other. */
    private byte[] name() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(run.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    private byte[] fresh() {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        return nonce;
    }

    private static byte[] nonce(byte[] message, int from) {
        return Arrays.copyOfRange(message, from, from + NONCE);
    }

    private static boolean startsWithGreeting(byte[] message) {
        return Arrays.equals(message, 0, GREETING.length, GREETING, 0, GREETING.length);
    }

    private static void write(SocketChannel channel, byte[]... parts) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        all.flip();
        while (all.hasRemaining()) {
            channel.write(all);
        }
    }

    private static byte[] read(SocketChannel channel, int length, long deadline, boolean first) throws IOException {
        byte[] bytes = new byte[length];
        InputStream in = channel.socket().getInputStream();
        int at = 0;
        while (at < length) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new SocketTimeoutException("it said nothing in time");
            }
            channel.socket().setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
            int got = in.read(bytes, at, length - at);
            if (got < 0 && first && at == 0) {
                throw new Busy();
            }
            if (got < 0) {
                throw new EOFException("the connection was closed");
            }
            at += got;
        }
        return bytes;
    }
}
