package io.longstrand.comm.tcp;

import io.longstrand.comm.DirectMemory;
import io.longstrand.comm.World;
import io.longstrand.config.RunFailure;
import io.longstrand.tensor.DataType;
import io.longstrand.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/** Rank 1 of two in a process of its own: adds up with the other until one of them fails. */
final class RankProcess {
    private RankProcess() {}

    /** Starts it. It prints where it listens and reads where rank 0 does. */
    static Process start(TcpSettings settings) throws IOException {
        return new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        RankProcess.class.getName(),
                        settings.run(),
                        HexFormat.of().formatHex(settings.secret().bytes()),
                        settings.silence().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** @param arguments run, secret and silence */
    public static void main(String[] arguments) throws IOException {
        RunSecret secret = RunSecret.of(HexFormat.of().parseHex(arguments[1]));
        TcpSettings settings =
                TcpSettings.of(arguments[0], secret, Duration.ofMinutes(1)).withSilence(Duration.parse(arguments[2]));
        TcpEndpoint endpoint = TcpEndpoint.bind(Joining.HOST, settings);
        System.out.println(endpoint.address());
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PeerAddress other = PeerAddress.parse(in.readLine());
        try (World world = endpoint.connect(1, List.of(other, endpoint.address()))) {
            addForEver(world, () -> {});
        } catch (RunFailure failed) {
            System.out.println(failed.getMessage());
        }
    }

    /** All-reduces until it fails. @param afterEach done in between */
    static void addForEver(World world, Runnable afterEach) {
        Tensor tensor = DirectMemory.tensor(DataType.FLOAT32, 1_000_000);
        while (true) {
            world.all().allReduce(tensor);
            afterEach.run();
        }
    }
}
