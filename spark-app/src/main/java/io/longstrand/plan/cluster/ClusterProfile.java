package io.longstrand.plan.cluster;

import io.longstrand.config.UserError;
import io.longstrand.plan.MemoryPlan;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A cluster of equal nodes, by published figures. Bandwidths are those of one direction.
 *
 * @param name as in {@code --cluster}
 * @param deviceBytes memory of one GPU
 * @param usableShare of it that tensors may fill: the rest holds the driver's context, communication buffers and what
 *     libraries take for themselves. Not published: NVIDIA's tools show about 1% of the memory as reserved, a context
 *     with libtorch's kernels takes about 0.5 GB and NCCL some hundred MB
 * @param peakFlops matrix products of BFLOAT16, dense, per second
 * @param memoryBandwidth of a GPU's memory, bytes per second
 * @param linkInNode of one GPU to the others of its node, bytes per second
 * @param linkBetweenNodes of one GPU's own adapter to other nodes, bytes per second
 * @param gpusPerNode GPUs of one node
 * @param hostBytes memory of one node
 * @param hostLink of one GPU to the memory of its node, bytes per second
 */
public record ClusterProfile(
        String name,
        long deviceBytes,
        double usableShare,
        double peakFlops,
        double memoryBandwidth,
        double linkInNode,
        double linkBetweenNodes,
        int gpusPerNode,
        long hostBytes,
        double hostLink) {
    private static final double USABLE = 0.95;
    /** Of a node's memory, for ranks: the rest is the system's, the executors' heaps and the page cache. */
    private static final double HOST_SHARE = 0.8;

    private static final long GIBIBYTE = 1L << 30;
    private static final double GIGA = 1e9;
    private static final double TERA = 1e12;

    /** Every profile there is. */
    public static List<ClusterProfile> all() {
        return List.of(a100WithFortyGigabytes(), a100WithEightyGigabytes(), h100());
    }

    /** The profile of that name. @throws UserError naming those there are */
    public static ClusterProfile named(String name) {
        return all().stream()
                .filter(profile -> profile.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new UserError("no cluster is called '" + name + "'; there are " + names()));
    }

    /** Names, for help and messages. */
    public static String names() {
        return all().stream().map(ClusterProfile::name).collect(Collectors.joining(", "));
    }

    /**
     * DGX A100 320GB. NVIDIA A100 data sheet (SXM, 40 GB): 312 TFLOPS, 1,555 GB/s, NVLink 600 GB/s both ways. DGX A100
     * data sheet: 8 GPUs, 1 TB of memory, eight ports of 200 Gb/s HDR InfiniBand. PCIe 4.0 with 16 lanes: 32 GB/s.
     */
    private static ClusterProfile a100WithFortyGigabytes() {
        return new ClusterProfile(
                "a100-40g",
                40 * GIBIBYTE,
                USABLE,
                312 * TERA,
                1555 * GIGA,
                300 * GIGA,
                25 * GIGA,
                8,
                1024 * GIBIBYTE,
                32 * GIGA);
    }

    /** DGX A100 640GB. The same data sheets (SXM, 80 GB): 2,039 GB/s, 2 TB of memory; the rest as with 40 GB. */
    private static ClusterProfile a100WithEightyGigabytes() {
        return new ClusterProfile(
                "a100-80g",
                80 * GIBIBYTE,
                USABLE,
                312 * TERA,
                2039 * GIGA,
                300 * GIGA,
                25 * GIGA,
                8,
                2048 * GIBIBYTE,
                32 * GIGA);
    }

    /**
     * DGX H100. NVIDIA H100 data sheet (SXM): 989 TFLOPS dense, 3.35 TB/s, NVLink 900 GB/s both ways. DGX H100 data
     * sheet: 8 GPUs, 2 TB of memory, eight ports of 400 Gb/s. PCIe 5.0 with 16 lanes: 64 GB/s.
     */
    private static ClusterProfile h100() {
        return new ClusterProfile(
                "h100-80g",
                80 * GIBIBYTE,
                USABLE,
                989 * TERA,
                3350 * GIGA,
                450 * GIGA,
                50 * GIGA,
                8,
                2048 * GIBIBYTE,
                64 * GIGA);
    }

    /** Bytes of a GPU that tensors may fill. */
    public long usableBytes() {
        return (long) (deviceBytes * usableShare);
    }

    /** What a rank may use: its GPU, and an equal share of what its node has for ranks. */
    public MemoryPlan.Budget budget() {
        return new MemoryPlan.Budget(usableBytes(), (long) (hostBytes * HOST_SHARE) / gpusPerNode);
    }

    /** How many of so many GPUs are in one node. */
    public int inNode(int gpus) {
        return Math.min(gpus, gpusPerNode);
    }

    /**
     * Bytes that every rank of a ring over several nodes passes on per second: as many rings as the nodes have ranks in
     * it run side by side, one through the adapter of each, and none is faster than the links inside a node.
     *
     * @param ranksInNode ranks of one node in the ring
     */
    public double ringBandwidth(int ranksInNode) {
        return Math.min(linkInNode, ranksInNode * linkBetweenNodes);
    }

    /** @throws UserError unless so many GPUs, of {@code --gpus}, fill whole nodes or an equal part of one */
    public void checkGpus(int gpus) {
        check("--gpus " + gpus, gpus);
    }

    /** @throws UserError unless so many ranks, of the configuration, fill whole nodes or an equal part of one */
    public void checkRanks(int ranks) {
        check("parallel.data × context × head × tensor = " + ranks, ranks);
    }

    private void check(String given, int gpus) {
        boolean partOfNode = gpus < gpusPerNode && gpusPerNode % gpus == 0;
        if (!partOfNode && gpus % gpusPerNode != 0) {
            String near = Stream.of(gpus / gpusPerNode, gpus / gpusPerNode + 1)
                    .filter(nodes -> nodes > 0)
                    .map(nodes -> String.valueOf(nodes * gpusPerNode))
                    .collect(Collectors.joining(" or "));
            throw new UserError(given + ": " + name + " has " + gpusPerNode
                    + " GPUs a node, and ranks fill whole nodes or an equal part of one; " + near + " would do");
        }
    }
}
