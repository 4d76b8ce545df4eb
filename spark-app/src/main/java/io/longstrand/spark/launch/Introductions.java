package io.longstrand.spark.launch;

import io.longstrand.comm.nccl.Nccl;
import io.longstrand.config.CommSection;
import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
import io.longstrand.tensor.DeviceIdentity;
import java.util.List;

/** Whether ranks that met may work together. Every rank comes to the same answer. */
final class Introductions {
    private Introductions() {}

    /**
     * Compares each rank with rank 0, rank 0 with the driver, and each rank's GPU with those of all.
     *
     * @param ranks in their order
     * @param driversBuild what the driver runs
     * @throws UserError when builds or settings differ, naming the first two that do
     * @throws EnvironmentError when two ranks were given one GPU, or some compute on one and others do not
     */
    static void check(List<Introduction> ranks, String driversBuild) {
        Introduction first = ranks.get(0);
        for (int rank = 1; rank < ranks.size(); rank++) {
            Introduction other = ranks.get(rank);
            if (!other.build().equals(first.build())) {
                throw new UserError(named(rank, other) + " runs another build of Longstrand than " + named(0, first)
                        + ": " + other.build() + " there, " + first.build()
                        + " here; give every executor the same longstrand.jar");
            }
            if (!other.settings().equals(first.settings())) {
                throw new UserError(named(rank, other) + " has another configuration than " + named(0, first)
                        + " (SHA-256 " + start(other.settings()) + " there, " + start(first.settings())
                        + " here); start every rank with the same one");
            }
        }
        if (!first.build().equals(driversBuild)) {
            throw new UserError(named(0, first) + " runs another build of Longstrand than the driver: " + first.build()
                    + " there, " + driversBuild + " here; give every executor the driver's longstrand.jar");
        }
        for (int rank = 0; rank < ranks.size(); rank++) {
            for (int before = 0; before < rank; before++) {
                requireOwnGpu(before, ranks.get(before), rank, ranks.get(rank));
            }
            requireSameKind(first, rank, ranks.get(rank));
        }
    }

    /**
     * Whether tensors go from GPU to GPU; every rank comes to the same answer.
     *
     * @param hosts of the ranks, in their order
     * @param cards theirs
     * @throws EnvironmentError when they should and cannot, naming the first rank that cannot and why
     */
    static boolean betweenDevices(List<String> hosts, List<Card> cards, CommSection comm) {
        if (!comm.betweenDevices(cards.stream().allMatch(Card::isGpu))) {
            return false;
        }
        for (int rank = 0; rank < cards.size(); rank++) {
            requireNccl(named(rank, hosts.get(rank)), cards.get(rank));
        }
        String first = cards.get(0).nccl();
        for (int rank = 1; rank < cards.size(); rank++) {
            String other = cards.get(rank).nccl();
            if (!other.equals(first)) {
                throw new EnvironmentError(named(rank, hosts.get(rank)) + " has NCCL " + other + " and "
                        + named(0, hosts.get(0)) + " has NCCL " + first
                        + "; give every executor the same longstrand.jar and put no other libnccl in"
                        + " LD_LIBRARY_PATH, or set comm.transport=tcp");
            }
        }
        return true;
    }

    private static void requireNccl(String rank, Card card) {
        if (!card.isGpu()) {
            throw new EnvironmentError(
                    "comm.transport=nccl sends from GPU to GPU, and " + rank + " " + card.processor() + "; start with"
                            + " LONGSTRAND_PROFILE=cuda on machines with NVIDIA GPUs, or set comm.transport=tcp");
        }
        if (card.nccl().isEmpty()) {
            throw new EnvironmentError(rank + " cannot use NCCL: " + card.obstacle()
                    + "; start with LONGSTRAND_PROFILE=cuda, or set comm.transport=tcp");
        }
        if (card.cuda() < Nccl.OLDEST_DRIVER) {
            throw new EnvironmentError(rank + " has an NVIDIA driver for CUDA " + DeviceIdentity.version(card.cuda())
                    + ", and NCCL " + card.nccl() + " needs one for CUDA "
                    + DeviceIdentity.version(Nccl.OLDEST_DRIVER) + " or newer; update the driver there (525.60 or"
                    + " newer), or set comm.transport=tcp");
        }
    }

    private static void requireSameKind(Introduction first, int rank, Introduction other) {
        if (first.card().isGpu() != other.card().isGpu()) {
            throw new EnvironmentError(named(rank, other) + " " + kind(other.card()) + " where " + named(0, first) + " "
                    + kind(first.card())
                    + "; give every rank a GPU that its driver and this build can use (submit/longstrand doctor tells),"
                    + " or set backend=cpu");
        }
    }

    private static void requireOwnGpu(int before, Introduction first, int rank, Introduction second) {
        if (second.card().isGpu() && second.card().uuid().equals(first.card().uuid())) {
            throw new EnvironmentError("ranks " + before + " and " + rank + " on "
                    + second.address().host() + " compute on one GPU, "
                    + second.card().uuid()
                    + "; let Spark give each rank one (spark.executor.resource.gpu.amount=1,"
                    + " spark.task.resource.gpu.amount=1), ask for fewer ranks, or set backend=cpu");
        }
        boolean same = !second.gpu().isEmpty()
                && second.gpu().equals(first.gpu())
                && second.address().host().equals(first.address().host());
        if (same) {
            throw new EnvironmentError("ranks " + before + " and " + rank + " on "
                    + second.address().host() + " were both given GPU " + second.gpu()
                    + "; give each Spark worker of a host GPUs of its own (spark.worker.resourcesFile), or set"
                    + " spark.task.resource.gpu.amount=1");
        }
    }

    private static String kind(Card card) {
        return card.isGpu() ? "computes on a GPU" : card.processor();
    }

    private static String named(int rank, Introduction introduction) {
        return named(rank, introduction.address().host());
    }

    private static String named(int rank, String host) {
        return "rank " + rank + " (" + host + ")";
    }

    private static String start(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }
}
