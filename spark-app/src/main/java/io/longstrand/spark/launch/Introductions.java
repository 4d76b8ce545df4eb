package io.longstrand.spark.launch;

import io.longstrand.config.EnvironmentError;
import io.longstrand.config.UserError;
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
     * @throws EnvironmentError when two ranks of a host were given one GPU
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
        }
    }

    private static void requireOwnGpu(int before, Introduction first, int rank, Introduction second) {
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

    private static String named(int rank, Introduction introduction) {
        return "rank " + rank + " (" + introduction.address().host() + ")";
    }

    private static String start(String digest) {
        return digest.substring(0, Math.min(12, digest.length()));
    }
}
