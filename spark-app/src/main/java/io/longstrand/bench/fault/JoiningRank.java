package io.longstrand.bench.fault;

import io.longstrand.comm.RankSums;
import io.longstrand.comm.World;
import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.comm.tcp.RunSecret;
import io.longstrand.comm.tcp.TcpEndpoint;
import io.longstrand.comm.tcp.TcpSettings;
import io.longstrand.tensor.Arena;
import io.longstrand.tensor.Backend;
import io.longstrand.tensor.BackendProvider;
import io.longstrand.tensor.Backends;
import io.longstrand.tensor.Place;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A rank in a process of its own that joins others and adds up with them once. Reads its number and the run's secret, prints
 * its address, reads all ranks' addresses, prints the sum of 1 from every rank and how many connections it refused.
 */
final class JoiningRank {
    private static final String LOOPBACK = "127.0.0.1";
    private static final long ROOM = 4096;

    private JoiningRank() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        int rank = Integer.parseInt(in.readLine());
        RunSecret secret = RunSecret.of(HexFormat.of().parseHex(in.readLine()));
        TcpEndpoint endpoint =
                TcpEndpoint.bind(LOOPBACK, TcpSettings.of("bench faults", secret, Duration.ofMinutes(1)));
        System.out.println(endpoint.address());
        List<PeerAddress> addresses =
                Arrays.stream(in.readLine().split(" ")).map(PeerAddress::parse).toList();
        try (Backend backend = new Backends().open("cpu", new BackendProvider.Options(1));
                Arena host = new Arena(backend, Place.HOST, ROOM);
                World world = endpoint.connect(rank, addresses)) {
            double sum = new RankSums(world.all(), host, 1).of(1)[0];
            System.out.println(sum + " " + endpoint.refused());
        }
    }
}
