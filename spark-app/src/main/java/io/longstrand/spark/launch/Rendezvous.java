package io.longstrand.spark.launch;

import io.longstrand.comm.InMemory;
import io.longstrand.comm.World;
import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.comm.tcp.RunSecret;
import io.longstrand.comm.tcp.TcpEndpoint;
import io.longstrand.comm.tcp.TcpSettings;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;

/**
 * Where the ranks of one launch meet: each listens, tells the others where by the barrier, and connects. What makes them
 * trust each other travels inside the task, over Spark's own channel, and nowhere else. A rank alone opens no socket.
 */
final class Rendezvous implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String launch;
    private final byte[] secret = RunSecret.random().bytes();
    private final boolean encrypted;
    private final Duration operationTimeout;
    private final String driversBuild = Build.present().name();

    /**
     * With a secret of its own.
     *
     * @param launch names the run to its ranks
     * @param encrypted whether what ranks send each other is encrypted
     * @param operationTimeout longest time one operation between them may take
     */
    Rendezvous(String launch, boolean encrypted, Duration operationTimeout) {
        this.launch = launch;
        this.encrypted = encrypted;
        this.operationTimeout = operationTimeout;
    }

    /**
     * Waits for all ranks and joins them.
     *
     * @param task this rank's
     * @param settings what must be the same on every rank
     * @param gpu this rank's, empty without one
     * @throws UserError when ranks differ in settings or build, naming two that do, or in build from the driver
     * @throws EnvironmentError when two ranks were given one GPU, naming both
     */
    World join(BarrierTaskContext task, String settings, String gpu) {
        if (task.getTaskInfos().length == 1) {
            return InMemory.worlds(1, operationTimeout).get(0);
        }
        TcpSettings ways = TcpSettings.of(launch, RunSecret.of(secret), operationTimeout);
        int rank = task.partitionId();
        try (TcpEndpoint endpoint = TcpEndpoint.bind(host(task), encrypted ? ways.withEncryption() : ways)) {
            Introduction own = Introduction.of(endpoint.address(), settings, gpu);
            List<Introduction> all = Arrays.stream(task.allGather(own.text()))
                    .map(Introduction::parse)
                    .toList();
            Introductions.check(all, driversBuild);
            List<PeerAddress> addresses =
                    all.stream().map(Introduction::address).toList();
            return endpoint.connect(rank, addresses);
        }
    }

    /** This executor's host as Spark knows it, without the port: the address others reach it by. */
    static String host(BarrierTaskContext task) {
        String address = task.getTaskInfos()[task.partitionId()].address();
        int port = address.lastIndexOf(':');
        String host = port < 0 ? address : address.substring(0, port);
        // IPv6 addresses come in brackets.
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }
}
