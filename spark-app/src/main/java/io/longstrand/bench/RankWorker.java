package io.longstrand.bench;

import io.longstrand.comm.Traffic;
import io.longstrand.comm.World;
import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.comm.tcp.RunSecret;
import io.longstrand.comm.tcp.TcpEndpoint;
import io.longstrand.comm.tcp.TcpSettings;
import io.longstrand.train.RandomTokens;
import io.longstrand.train.StepModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * One rank in a JVM of its own, told what to do by the {@link RankProcess} that started it: a line in, a number out, or
 * why there is none. The run's secret comes over its standard input, which nobody else reads.
 *
 * <ul>
 *   <li>{@code model SEQUENCES LENGTH VOCABULARY KEY=VALUE …}: takes a model of one thread; answers 0
 *   <li>{@code step}: trains a step of it; answers its seconds
 *   <li>{@code sent}: answers the bytes of elements this rank has sent so far, those of operations under way included
 *   <li>{@code state}: answers the bytes of parameters, gradients and optimiser state it plans for
 *   <li>{@code multiply}: multiplies matrices on one thread; answers its seconds
 *   <li>{@code all-reduce BYTES}, {@code copy BYTES}: see {@link SocketCopy}; answers its seconds
 * </ul>
 */
final class RankWorker implements AutoCloseable {
    /** What an answer that is no number begins with. */
    static final String FAILED = "failed: ";

    private static final String LOOPBACK = "127.0.0.1";
    private static final long SETTLING_MILLIS = 300;
    private static final Duration OPERATION = Duration.ofMinutes(10);

    private final String backendName;
    private final World world;
    private StepModel model;
    private SocketCopy copy;

    private RankWorker(String backendName, World world) {
        this.backendName = backendName;
        this.world = world;
    }

    /** @param arguments name of the backend */
    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = System.out;
        // Whatever libraries print must not pass for an answer.
        System.setOut(System.err);
        String[] membership = in.readLine().split(" ");
        int rank = Integer.parseInt(membership[0]);
        RunSecret secret = RunSecret.of(HexFormat.of().parseHex(membership[1]));
        TcpEndpoint endpoint = TcpEndpoint.bind(LOOPBACK, TcpSettings.of("bench scaling", secret, OPERATION));
        out.println(endpoint.address());
        List<PeerAddress> all =
                Arrays.stream(in.readLine().split(" ")).map(PeerAddress::parse).toList();
        try (World world = endpoint.connect(rank, all);
                RankWorker worker = new RankWorker(arguments[0], world)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.println(worker.reply(line.split(" ")));
            }
        }
        System.exit(0);
    }

    private String reply(String[] words) {
        try {
            return String.valueOf(answer(words));
        } catch (IOException | RuntimeException e) {
            return FAILED + e.getMessage();
        }
    }

    private double answer(String[] words) throws IOException {
        return switch (words[0]) {
            case "model" -> take(words);
            case "step" -> model.seconds();
            case "sent" -> settledBytes();
            case "state" -> model.stateBytes();
            case "multiply" -> new MatrixWork(backendName).seconds();
            case "all-reduce" -> copy(words).allReduce();
            case "copy" -> copy(words).copy();
            default -> throw new IllegalArgumentException(String.join(" ", words));
        };
    }

    /** What a step begins may still be under way when it is over: waits until nothing more is sent. */
    private double settledBytes() {
        long sent = sentBytes();
        for (long before = -1; before < sent; sent = sentBytes()) {
            before = sent;
            pause();
        }
        return sent;
    }

    private long sentBytes() {
        return world.traffic().values().stream().mapToLong(Traffic::bytesSent).sum();
    }

    private static void pause() {
        try {
            Thread.sleep(SETTLING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private double take(String[] words) {
        release();
        int[] numbers = Arrays.stream(words)
                .skip(1)
                .limit(3)
                .mapToInt(Integer::parseInt)
                .toArray();
        List<String> settings = Arrays.stream(words).skip(4).toList();
        RandomTokens tokens = RandomTokens.of(numbers[0], numbers[1], numbers[2]);
        model = new StepModel(backendName, 1, settings, tokens, world);
        return 0;
    }

    private SocketCopy copy(String[] words) throws IOException {
        if (copy == null) {
            copy = new SocketCopy(backendName, world, Integer.parseInt(words[1]));
        }
        return copy;
    }

    private void release() {
        if (model != null) {
            model.close();
            model = null;
        }
    }

    @Override
    public void close() throws IOException {
        release();
        if (copy != null) {
            copy.close();
        }
    }
}
