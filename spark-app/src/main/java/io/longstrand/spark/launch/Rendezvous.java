package io.longstrand.spark.launch;

import io.longstrand.comm.InMemory;
import io.longstrand.comm.World;
import io.longstrand.comm.nccl.Nccl;
import io.longstrand.comm.tcp.PeerAddress;
import io.longstrand.comm.tcp.RunSecret;
import io.longstrand.comm.tcp.TcpEndpoint;
import io.longstrand.comm.tcp.TcpSettings;
import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.SparkConf;

/**
 * Where the ranks of one launch meet: each listens, tells the others where by the barrier, and connects. What makes them
 * trust each other travels inside the task, over Spark's own channel, and nowhere else. Where all compute on GPUs, tensors
 * then go from GPU to GPU. A rank alone opens no socket.
 */
final class Rendezvous implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String launch;
    private final byte[] secret = RunSecret.random().bytes();
    private final CommSection comm;
    private final String driversBuild = Build.present().name();

    /**
     * With a secret of its own.
     *
     * @param launch names the run to its ranks
     * @param comm how they talk
     * @param spark whether Spark encrypts what it sends
     */
    Rendezvous(String launch, CommSection comm, SparkConf spark) {
        this.launch = launch;
        this.comm = comm.decided(spark.getBoolean("spark.network.crypto.enabled", false));
    }

    /**
     * Waits for all ranks and joins them.
     *
     * @param task this rank's
     * @param settings what must be the same on every rank
     * @param backend that opens what they send each other; empty when none does
     * @param gpu this rank's
     * @throws UserError when ranks differ in settings or build, naming two that do, or in build from the driver
     * @throws EnvironmentError when two ranks were given one GPU, naming both, or cannot talk as they should
     */
    World join(BarrierTaskContext task, String settings, String backend, Gpu gpu) {
        Card card = Card.of(backend, gpu.device(), comm);
        if (task.getTaskInfos().length == 1) {
            betweenDevices(backend, List.of(host(task)), List.of(card));
            return InMemory.worlds(1, comm.operationTimeout()).get(0);
        }
        boolean encrypted = comm.encryption() == CommSection.Encryption.ON;
        TcpSettings ways = TcpSettings.of(launch, RunSecret.of(secret), comm.operationTimeout());
        int rank = task.partitionId();
        try (TcpEndpoint endpoint = TcpEndpoint.bind(host(task), encrypted ? ways.withEncryption() : ways)) {
            Introduction own = Introduction.of(endpoint.address(), settings, gpu.address(), card);
            List<Introduction> all = Arrays.stream(task.allGather(own.text()))
                    .map(Introduction::parse)
                    .toList();
            Introductions.check(all, driversBuild);
            List<PeerAddress> addresses =
                    all.stream().map(Introduction::address).toList();
            List<String> hosts = addresses.stream().map(PeerAddress::host).toList();
            List<Card> cards = all.stream().map(Introduction::card).toList();
            return betweenDevices(backend, hosts, cards)
                    ? endpoint.connect(rank, addresses, Nccl.on(gpu.device()))
                    : endpoint.connect(rank, addresses);
        }
    }

    private boolean betweenDevices(String backend, List<String> hosts, List<Card> cards) {
        return !backend.isEmpty() && Introductions.betweenDevices(hosts, cards, comm);
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
